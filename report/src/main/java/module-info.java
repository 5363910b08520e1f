/** Reports as pages that open in a browser. */
module dev.pleat.report {
  requires transitive dev.pleat.core;
  requires static org.jspecify;
  requires java.desktop;

  exports dev.pleat.report;
}
