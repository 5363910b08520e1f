package dev.pleat.report.part;

import dev.pleat.report.markup.Html;
import java.util.LinkedHashMap;
import java.util.Map;

/** Where a page comes from, as terms and what they are, and the command that makes it again. */
public final class Facts {
  private final Map<String, String> facts = new LinkedHashMap<>();

  /** Adds a fact, unless there is nothing to say. */
  public Facts add(String term, String fact) {
    if (!fact.isEmpty()) {
      facts.put(term, fact);
    }
    return this;
  }

  /** Draws the section. */
  public void draw(Html html, String command) {
    Section.open(
        html, "origin", "Provenance", "What this was made from, and how to make it again.");
    html.open("dl");
    facts.forEach((term, fact) -> html.open("div").element("dt", term).element("dd", fact).close());
    html.close()
        .open("pre", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Command")
        .element("code", command)
        .close()
        .close();
  }
}
