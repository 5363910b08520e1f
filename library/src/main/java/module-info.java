/** The door: what a program folds, inspects, evaluates and sweeps models with. */
module dev.pleat {
  requires transitive dev.pleat.core;
  requires transitive dev.pleat.llm;
  requires transitive dev.pleat.onnx;
  requires static org.jspecify;
  requires tools.jackson.databind;

  exports dev.pleat;
  exports dev.pleat.json;

  opens dev.pleat.sweep to
      tools.jackson.databind;
}
