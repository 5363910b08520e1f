package dev.pleat.report.part;

import dev.pleat.report.markup.Html;

/** The frame of a section: a heading and what to see in it. Who opens it closes it. */
final class Section {
  private Section() {}

  static void open(Html html, String id, String title, String lead) {
    html.open("section", "id", id, "aria-labelledby", id + "-title")
        .element("h2", title, "id", id + "-title")
        .element("p", lead, "class", "lead");
  }
}
