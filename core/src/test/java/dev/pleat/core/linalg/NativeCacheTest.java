package dev.pleat.core.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NativeCacheTest {
  private final NativePlatform platform = NativePlatform.current().orElseThrow();

  @TempDir Path folder;

  @Test
  void libraries_are_copied_once_and_left_alone_afterwards() throws IOException {
    List<Path> first = new NativeCache(folder).libraries(platform);
    assertThat(first).hasSameSizeAs(platform.libraries());
    Path blas = first.getLast();
    assertThat(blas).startsWith(folder).hasFileName(platform.libraries().getLast());
    FileTime long_ago = FileTime.fromMillis(0);
    Files.setLastModifiedTime(blas, long_ago);
    assertThat(new NativeCache(folder).libraries(platform)).isEqualTo(first);
    assertThat(Files.getLastModifiedTime(blas)).isEqualTo(long_ago);
    assertThat(OpenBlas.load(new NativeCache(folder)).name()).isEqualTo("openblas");
  }

  @Test
  void a_file_cut_short_is_copied_again_and_nothing_is_left_aside() throws IOException {
    List<Path> files = new NativeCache(folder).libraries(platform);
    Path victim = files.getFirst();
    long size = Files.size(victim);
    Files.write(victim, new byte[10]);
    new NativeCache(folder).libraries(platform);
    assertThat(Files.size(victim)).isEqualTo(size);
    try (Stream<Path> left = Files.list(victim.getParent())) {
      assertThat(left).hasSameSizeAs(files);
    }
  }

  @Test
  void without_a_writable_cache_a_temporary_folder_serves() throws IOException {
    Path file = Files.writeString(folder.resolve("in-the-way"), "not a folder");
    List<Path> files = new NativeCache(file).libraries(platform);
    assertThat(files).allSatisfy(library -> assertThat(library).isNotEmptyFile());
    assertThat(files.getLast()).doesNotHaveToString(file.toString());
    assertThat(file).hasContent("not a folder");
  }

  @Test
  void a_library_that_is_not_on_the_class_path_is_named() {
    NativePlatform other = new NativePlatform("plan9-mips", List.of("libopenblas.so"));
    assertThatThrownBy(() -> new NativeCache(folder).libraries(other))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("plan9-mips/libopenblas.so is not on the class path");
  }

  @ParameterizedTest
  @CsvSource({
    "Linux,amd64,linux-x86_64",
    "Linux,aarch64,linux-arm64",
    "Mac OS X,x86_64,macosx-x86_64",
    "Mac OS X,aarch64,macosx-arm64",
    "Windows Server 2025,amd64,windows-x86_64"
  })
  void platforms_are_known_by_the_names_that_java_gives_them(
      String system, String processor, String expected) {
    assertThat(NativePlatform.of(system, processor).orElseThrow().name()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"Linux,riscv64", "SunOS,amd64", "Windows 11,aarch64"})
  void other_platforms_have_none(String system, String processor) {
    assertThat(NativePlatform.of(system, processor)).isEmpty();
  }
}
