package dev.pleat.report;

import dev.pleat.report.markup.Html;
import dev.pleat.report.markup.Names;
import dev.pleat.report.part.Facts;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.function.Consumer;

/** What every page has around its sections. */
final class Frame {
  private Frame() {}

  /**
   * A whole page.
   *
   * @param kind what it is
   * @param model the model that it is about
   * @param summary what happened, in a sentence
   * @param facts of its provenance, beside what the origin says
   * @param sections what is in it
   */
  static String page(
      String kind,
      String model,
      String summary,
      Facts facts,
      Origin origin,
      Consumer<Html> sections) {
    String script = resource("page.js");
    String name = Names.brief(String.valueOf(Path.of(model).getFileName()));
    Html html = new Html();
    html.open("html", "lang", "en")
        .open("head")
        .empty("meta", "charset", "utf-8")
        .empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1")
        .empty("meta", "name", "color-scheme", "content", "light dark")
        .empty("meta", "http-equiv", "Content-Security-Policy", "content", policy(script))
        .element("title", "%s: %s".formatted(name, kind))
        .open("style")
        .verbatim(resource("page.css"))
        .close()
        .close()
        .open("body")
        .open("header")
        .open("div")
        .element("p", kind, "class", "kind")
        .open("h1")
        .element("bdi", name)
        .close()
        .element("p", summary, "class", "summary")
        .close()
        .open("button", "id", "theme", "type", "button", "hidden", "hidden")
        .text("Dark")
        .close()
        .close()
        .open("main");
    sections.accept(html);
    facts
        .add("Model", Names.brief(model))
        .add("SHA-256", origin.sha256())
        .add("Pleat", origin.version())
        .add("Date", origin.date())
        .draw(html, origin.command());
    html.close().open("script").verbatim(script).close().close().close();
    return html.document();
  }

  /** Nothing from outside, and no script but ours, whatever a name in a model tries. */
  private static String policy(String script) {
    return "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-%s'; base-uri 'none'; form-action 'none'"
        .formatted(Base64.getEncoder().encodeToString(sha256(script)));
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }

  private static String resource(String name) {
    try (InputStream in = Frame.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing from the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(name + " cannot be read from the jar", e);
    }
  }
}
