/**
 * The algorithm: tensors, channel groups, clustering, merging, repair from the weights, reports.
 */
module dev.pleat.core {
  requires static jdk.incubator.vector;
  requires static org.jspecify;
  requires org.slf4j;

  exports dev.pleat.core;
  exports dev.pleat.core.budget;
  exports dev.pleat.core.fold;
  exports dev.pleat.core.report;
  exports dev.pleat.core.cluster to
      dev.pleat.onnx,
      dev.pleat.llm;
  exports dev.pleat.core.group to
      dev.pleat.onnx,
      dev.pleat.llm;
  exports dev.pleat.core.linalg to
      dev.pleat.onnx,
      dev.pleat.llm;
  exports dev.pleat.core.reconstruct to
      dev.pleat.onnx,
      dev.pleat.llm;
  exports dev.pleat.core.tensor to
      dev.pleat.onnx,
      dev.pleat.llm;
  exports dev.pleat.core.unite to
      dev.pleat.onnx;
}
