package dev.pleat.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.GroupReport;
import dev.pleat.core.report.Verification;
import dev.pleat.report.markup.Html;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

@Isolated("it changes the locale of all")
class PageTest {
  private static final IntFunction<String> PLAIN = g -> "layer%d.conv1".formatted(g);
  private static final String HOSTILE =
      "</script><img src=x onerror=alert(1)>\"'&\u0000\u202e]]>\uD800<style>";

  static Stream<Page> pages() {
    return Stream.of(
        Samples.fold(13, PLAIN),
        Samples.fold(3, g -> g + HOSTILE),
        Samples.inspect(13, PLAIN),
        Samples.inspect(3, g -> g + HOSTILE),
        Samples.sweep(),
        Samples.perplexities());
  }

  private static Document parsed(Page page) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    return factory.newDocumentBuilder().parse(new InputSource(new StringReader(page.html())));
  }

  private static Stream<Element> elements(Document document, String tag) {
    NodeList all = document.getElementsByTagName(tag);
    return IntStream.range(0, all.getLength()).mapToObj(i -> (Element) all.item(i));
  }

  @ParameterizedTest
  @MethodSource("pages")
  void a_page_is_well_formed_and_refers_to_nothing_outside(Page page) throws Exception {
    Document document = parsed(page);

    elements(document, "*")
        .forEach(element -> {
          for (String attribute : new String[] {"src", "href", "data", "action", "srcset"}) {
            assertThat(element.getAttribute(attribute)).matches("|data:image/png;base64,.*");
          }
        });
    assertThat(page.html()).doesNotContain("http:", "https:", "@import", "url(");
  }

  @ParameterizedTest
  @MethodSource("pages")
  void ids_are_unique_and_what_refers_to_them_finds_them(Page page) throws Exception {
    Document document = parsed(page);
    Set<String> ids = new HashSet<>();

    elements(document, "*")
        .map(element -> element.getAttribute("id"))
        .filter(id -> !id.isEmpty())
        .forEach(id -> assertThat(ids.add(id)).as(id).isTrue());
    assertThat(elements(document, "section").map(e -> e.getAttribute("aria-labelledby")))
        .isNotEmpty()
        .allMatch(ids::contains);
    assertThat(elements(document, "label").map(e -> e.getAttribute("for"))).allMatch(ids::contains);
  }

  @ParameterizedTest
  @MethodSource("pages")
  void every_drawing_says_what_it_shows_or_is_hidden_from_readers(Page page) throws Exception {
    Document document = parsed(page);

    assertThat(elements(document, "img").map(e -> e.getAttribute("alt")))
        .noneMatch(String::isBlank);
    assertThat(elements(document, "svg"))
        .allMatch(svg ->
            svg.getAttribute("aria-hidden").equals("true")
                || (svg.getAttribute("role").equals("img")
                    && !svg.getAttribute("aria-label").isBlank()));
  }

  @Test
  void names_from_a_file_stay_text() throws Exception {
    Document document = parsed(Samples.fold(3, g -> g + HOSTILE));

    assertThat(elements(document, "script")).hasSize(1);
    assertThat(elements(document, "style")).hasSize(1);
    assertThat(elements(document, "img")).hasSize(6);
    assertThat(elements(document, "bdi").map(Element::getTextContent))
        .contains("1</script><img src=x onerror=alert(1)>\"'&\uFFFD\uFFFD]]>\uFFFD<style>");
  }

  @Test
  void a_name_of_a_million_characters_is_shortened() {
    String page = Samples.fold(2, g -> g + "x".repeat(1_000_000)).html();

    assertThat(page).hasSizeLessThan(200_000).contains("xxx…xxx");
  }

  @Test
  void two_hundred_groups_fit_three_megabytes() {
    byte[] page = Samples.fold(200, PLAIN).html().getBytes(StandardCharsets.UTF_8);

    assertThat(page).hasSizeLessThan(3_000_000);
  }

  @Test
  void of_many_more_groups_some_are_drawn_and_all_are_in_the_table() throws Exception {
    Page page = Samples.fold(4000, PLAIN);

    assertThat(page.html().length()).isLessThan(6_000_000);
    assertThat(page.html()).contains("Drawn are 300 of 4001 groups", "layer3999.conv1");
    assertThat(elements(parsed(page), "img")).hasSize(400);
  }

  @ParameterizedTest
  @MethodSource("pages")
  void the_same_report_gives_the_same_page_in_every_locale(Page page) {
    String expected = page.html();
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
      assertThat(page.html()).isEqualTo(expected);
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void a_page_holds_the_figures_of_its_report() throws Exception {
    assertThat(parsed(Samples.fold(13, PLAIN)).getDocumentElement().getTextContent())
        .contains("23,801,386", "6,703,354", "−71.8 %", "95.31 %", "26.83 MB", "1.15 GFLOP")
        .contains("--channels 0.5 --report half.html", "9f86d081884c7d65", "2026-11-24T12:00:00Z")
        .contains("3.87 ms", "88.30 ms", "it is the model output 'logits'");
    assertThat(parsed(Samples.sweep()).getDocumentElement().getTextContent())
        .contains("93.60 %", "fold · least-squares", "l1 · none", "params 25.00 %");
  }

  @Test
  void what_was_not_measured_in_a_sweep_is_not_drawn() throws Exception {
    Document document = parsed(Samples.perplexities());

    assertThat(elements(document, "label").map(Element::getTextContent))
        .containsExactly("Parameters", "File size");
    assertThat(elements(document, "span").filter(e -> e.getAttribute("class").equals("spot")))
        .as("three models by two costs")
        .hasSize(6);
    assertThat(document.getDocumentElement().getTextContent())
        .contains("Perplexity", "22.3864", "size 800.00 kB")
        .doesNotContain("NaN");
  }

  @Test
  void variances_that_nothing_is_known_of_are_not_drawn() throws Exception {
    FoldPage page = Samples.fold(3, PLAIN);
    List<GroupReport> groups =
        page.report().groups().stream().map(group -> group.withVarianceRatios(1, 1)).toList();

    Page unknown = new FoldPage(with(page.report(), groups), List.of(), page.origin());

    assertThat(elements(parsed(page), "section").map(e -> e.getAttribute("id")))
        .containsExactly(
            "layers",
            "redundancy",
            "clusters",
            "variance",
            "correlation",
            "latency",
            "frozen",
            "origin");
    assertThat(elements(parsed(unknown), "section").map(e -> e.getAttribute("id")))
        .containsExactly("layers", "clusters", "frozen", "origin");
  }

  private static FoldReport with(FoldReport report, List<GroupReport> groups) {
    return new FoldReport(
        report.input(),
        "",
        report.method(),
        report.repair(),
        report.repairReason(),
        "",
        Optional.empty(),
        Optional.empty(),
        report.seed(),
        report.parameters(),
        report.bytes(),
        Optional.empty(),
        report.channels(),
        groups,
        new Verification(false, 0, 0),
        report.seconds(),
        report.allocation(),
        report.round(),
        report.roundReason(),
        report.budget(),
        List.of(),
        Optional.empty());
  }

  @Test
  void markup_that_is_no_text_is_refused() {
    assertThatThrownBy(() -> new Html().open("a b")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Html().verbatim("</style>"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Html().open("p").document())
        .isInstanceOf(IllegalStateException.class);
  }
}
