package dev.pleat.report.browser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pleat.report.Page;
import dev.pleat.report.Samples;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Pages as Chromium shows them, kept in target/screenshots; skipped where there is none. */
class PageInBrowserTest {
  private static final Map<String, Page> PAGES =
      new TreeMap<>(
          Map.of(
              "fold",
              Samples.fold(13, g -> "layer%d.0.conv1".formatted(g)),
              "long",
              Samples.fold(
                  40, g -> "/encoder/layer.%d/attention/output/dense/MatMul_1".formatted(g)),
              "inspect",
              Samples.inspect(13, g -> "features_%d_unbroken_name_of_a_block_weight".formatted(g)),
              "perplexities",
              Samples.perplexities(),
              "sweep",
              Samples.sweep()));

  @TempDir private static Path folder;
  private static Browser browser;

  @BeforeAll
  static void open() throws Exception {
    browser = Browser.open(Path.of("target", "chromium"));
    for (Map.Entry<String, Page> page : PAGES.entrySet()) {
      Files.writeString(file(page.getKey()), page.getValue().html());
    }
  }

  @AfterAll
  static void close() throws Exception {
    if (browser != null) {
      browser.close();
    }
  }

  private static Path file(String page) {
    return folder.resolve(page + ".html");
  }

  static Stream<Arguments> views() {
    List<Arguments> views = new ArrayList<>();
    for (String page : PAGES.keySet()) {
      for (int width : new int[] {390, 1440}) {
        for (boolean dark : new boolean[] {false, true}) {
          views.add(Arguments.of(page, width, dark, "screen"));
        }
      }
      views.add(Arguments.of(page, 760, true, "print"));
    }
    return views.stream();
  }

  @ParameterizedTest
  @MethodSource("views")
  void nothing_is_cut_overlaps_or_is_hard_to_read(
      String page, int width, boolean dark, String media) throws Exception {
    browser.show(width, dark, media);
    browser.load(file(page));

    browser.screenshot(
        Files.createDirectories(Path.of("target", "screenshots"))
            .resolve("%s-%d-%s-%s.png".formatted(page, width, dark ? "dark" : "light", media)));
    assertThat(probe()).isEmpty();
    assertThat(browser.errors()).isEmpty();
    browser.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })");
    assertThat(probe()).as("with tables").isEmpty();
  }

  private static List<String> probe() throws Exception {
    List<String> findings = new ArrayList<>();
    try (InputStream script = PageInBrowserTest.class.getResourceAsStream("probe.js")) {
      String text = new String(script.readAllBytes(), StandardCharsets.UTF_8);
      for (JsonNode finding : browser.evaluate(text)) {
        findings.add(finding.asString());
      }
    }
    return findings;
  }

  @Test
  void the_button_changes_the_theme_and_the_choice_is_remembered() throws Exception {
    browser.show(1440, false, "screen");
    browser.load(file("fold"));
    String background = "getComputedStyle(document.body).backgroundColor";
    String light = browser.evaluate(background).asString();

    browser.evaluate("document.getElementById('theme').click()");
    String dark = browser.evaluate(background).asString();
    browser.load(file("fold"));

    assertThat(dark).isNotEqualTo(light);
    assertThat(browser.evaluate(background).asString()).isEqualTo(dark);
    browser.evaluate("localStorage.clear()");
  }

  @Test
  void one_heat_map_is_shown_and_another_can_be_chosen() throws Exception {
    browser.show(1440, false, "screen");
    browser.load(file("fold"));
    String shown =
        "Array.from(document.querySelectorAll('.map')).findIndex(m => m.checkVisibility())";

    assertThat(browser.evaluate(shown).asInt()).isZero();
    browser.evaluate(
        "(s => { s.selectedIndex = 4; s.dispatchEvent(new Event('change')); })"
            + "(document.querySelector('select'))");
    assertThat(browser.evaluate(shown).asInt()).isEqualTo(4);
  }

  @Test
  void another_cost_can_be_chosen_for_a_sweep() throws Exception {
    browser.show(1440, false, "screen");
    browser.load(file("sweep"));
    String shown =
        "Array.from(document.querySelectorAll('.chart')).filter(c => c.checkVisibility())"
            + ".map(c => c.className).join()";

    assertThat(browser.evaluate(shown).asString()).isEqualTo("chart cost-parameters");
    browser.evaluate("document.getElementById('cost-latency').click()");
    assertThat(browser.evaluate(shown).asString()).isEqualTo("chart cost-latency");
  }

  @Test
  void without_scripts_every_heat_map_is_there_and_nothing_pretends_to_work() throws Exception {
    browser.runScripts(false);
    try {
      browser.show(390, false, "screen");
      browser.load(file("fold"));

      assertThat(
              browser
                  .evaluate(
                      "Array.from(document.querySelectorAll('.map')).every(m => m.checkVisibility())")
                  .asBoolean())
          .isTrue();
      assertThat(browser.evaluate("document.getElementById('theme').checkVisibility()").asBoolean())
          .isFalse();
      assertThat(probe()).isEmpty();
    } finally {
      browser.runScripts(true);
    }
  }

  @Test
  void hovering_a_curve_tells_its_error_there() throws Exception {
    browser.show(1440, false, "screen");
    browser.load(file("fold"));

    browser.evaluate(
        "(svg => { const box = svg.getBoundingClientRect(); svg.dispatchEvent(new PointerEvent("
            + "'pointermove', {clientX: box.left + box.width / 2, clientY: box.top + 5})); })"
            + "(document.querySelector('svg.curve'))");

    assertThat(browser.evaluate("document.getElementById('tip').textContent").asString())
        .matches("k = \\d+: \\d+\\.\\d % of the largest error");
  }
}
