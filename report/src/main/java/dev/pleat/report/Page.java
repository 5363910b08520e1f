package dev.pleat.report;

/** A report as one HTML file that needs nothing else. The same page gives the same characters. */
public sealed interface Page permits FoldPage, InspectPage, SweepPage {

  /** The whole file. */
  String html();
}
