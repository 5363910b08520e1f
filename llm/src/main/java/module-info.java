/** Directories of language models: checkpoints, folding, running, evaluating. */
module dev.pleat.llm {
  requires transitive dev.pleat.core;
  requires static org.jspecify;
  requires ai.djl.tokenizers;
  requires com.microsoft.onnxruntime;
  requires dev.pleat.onnx;
  requires org.slf4j;
  requires org.tribuo.util.onnx;
  requires tools.jackson.databind;

  exports dev.pleat.llm;
  exports dev.pleat.llm.eval to
      dev.pleat;
  exports dev.pleat.llm.fold to
      dev.pleat;
  exports dev.pleat.llm.request;
  exports dev.pleat.llm.run to
      dev.pleat;
  exports dev.pleat.llm.safetensors to
      dev.pleat;
  exports dev.pleat.llm.task to
      dev.pleat;

  uses dev.pleat.llm.ClusterFolding;
}
