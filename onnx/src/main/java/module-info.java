/** ONNX files: reading, tracing, running, folding, evaluating. */
module dev.pleat.onnx {
  requires transitive dev.pleat.core;
  requires static org.jspecify;
  requires com.google.protobuf;
  requires com.microsoft.onnxruntime;
  requires java.desktop;
  requires org.slf4j;
  requires org.tribuo.util.onnx;

  exports dev.pleat.onnx to
      dev.pleat;
  exports dev.pleat.onnx.data;
  exports dev.pleat.onnx.eval to
      dev.pleat;
  exports dev.pleat.onnx.fold to
      dev.pleat;
  exports dev.pleat.onnx.invert to
      dev.pleat;
  exports dev.pleat.onnx.model to
      dev.pleat.llm;
  exports dev.pleat.onnx.output to
      dev.pleat,
      dev.pleat.llm;
  exports dev.pleat.onnx.request;
  exports dev.pleat.onnx.run to
      dev.pleat.llm;
  exports dev.pleat.onnx.text to
      dev.pleat.llm;
}
