package dev.pleat.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pleat.core.PleatException;
import dev.pleat.llm.safetensors.Checkpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Headers and indices that cannot be right are refused before anything is read by them. */
class HostileCheckpointTest {
  @TempDir private Path folder;

  private static byte[] file(long length, String header, int dataBytes) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + text.length + dataBytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(length)
        .put(text)
        .array();
  }

  private void write(String name, String header, int dataBytes) throws IOException {
    Files.write(folder.resolve(name), file(header.length(), header, dataBytes));
  }

  private void refused(String... parts) {
    assertThatThrownBy(() -> Checkpoint.open(folder).close())
        .isInstanceOf(PleatException.class)
        .satisfies(e -> assertThat(e.getMessage()).contains(parts).doesNotContain("\n"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,12]}} | 'a' | lies at [0, 12]",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[8,0]}} | 'a' | lies at [8, 0]",
        "{'a':{'dtype':'F32','shape':[3],'data_offsets':[0,8]}} | 'a' | has 8 bytes, expected 12",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}} | 'a' | begins at byte 4",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}} | holds 8 bytes | expected 4",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'b':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}} | 'b' | overlap",
        "{'a':{'dtype':'F99','shape':[2],'data_offsets':[0,8]}} | unknown dtype | 'F99'",
        "{'a':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}} | a.shape | [-2]",
        "{'a':{'dtype':'F32','shape':[1.5],'data_offsets':[0,8]}} | a.shape | [1.5]",
        "{'a':{'dtype':'F32','shape':[4611686018427387904,4],'data_offsets':[0,8]}} | 'a' | overflows",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8,9]}} | 'a' | lies at",
        "{'a':{'dtype':'F32','shape':[2]}} | a.data_offsets | is missing",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8],'codec':'zip'}} | a.codec | not known",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}} | valid JSON | Duplicate",
        "{'a':[[[[[[1]]]]]]} | valid JSON | nesting depth",
        "{'a':7} | 'a' | is 7",
        "{'__metadata__':{'n':3},'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}} | __metadata__.n | is 3",
        "[1,2] | array | expected an object",
        "{'a': | valid JSON | again",
      })
  void a_header_that_cannot_be_right(String header, String first, String second)
      throws IOException {
    write("model.safetensors", header.replace('\'', '"'), 8);

    refused("model.safetensors", first, second);
  }

  @ParameterizedTest
  @CsvSource({"-1", "9223372036854775807", "0", "64", "100000001"})
  void a_header_length_that_cannot_be_right(long length) throws IOException {
    Files.write(folder.resolve("model.safetensors"), file(length, "{}", 8));

    refused("model.safetensors", "header has " + Long.toUnsignedString(length) + " bytes");
  }

  @Test
  void a_file_of_three_bytes() throws IOException {
    Files.write(folder.resolve("model.safetensors"), new byte[3]);

    refused("has 3 bytes, expected at least 8");
  }

  @Test
  void no_weights_at_all() {
    refused("neither model.safetensors nor model.safetensors.index.json");
  }

  private static final String ONE =
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";

  private void index(String json) throws IOException {
    Files.writeString(folder.resolve("model.safetensors.index.json"), json.replace('\'', '"'));
  }

  @ParameterizedTest
  @CsvSource({"../a.safetensors", "/etc/a.safetensors", "b/a.safetensors", "..", "a.bin"})
  void a_shard_outside_the_folder(String name) throws IOException {
    write("a.safetensors", ONE, 8);
    index("{'weight_map':{'a':'" + name + "'}}");

    refused("names the shard '" + name + "'", "plain .safetensors file name");
  }

  @Test
  void a_shard_that_is_missing() throws IOException {
    index("{'weight_map':{'a':'a.safetensors'}}");

    refused("names the shard 'a.safetensors'", "no such file");
  }

  @Test
  void a_tensor_that_is_in_no_shard() throws IOException {
    write("a.safetensors", ONE, 8);
    index("{'weight_map':{'a':'a.safetensors','b':'a.safetensors'}}");

    refused("tensor 'b' is not in a.safetensors");
  }

  @Test
  void a_tensor_in_another_shard_than_the_index_says() throws IOException {
    write("a.safetensors", ONE, 8);
    write("b.safetensors", ONE.replace("\"a\"", "\"b\""), 8);
    index("{'weight_map':{'a':'a.safetensors','b':'a.safetensors','c':'b.safetensors'}}");

    refused("b.safetensors: holds tensor 'b'", "a.safetensors by model.safetensors.index.json");
  }

  @Test
  void an_index_without_a_map() throws IOException {
    index("{'metadata':{}}");

    refused("weight_map", "is missing");
  }

  @Test
  void names_that_look_like_paths_are_names() throws IOException {
    String header =
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},"
            + "'a.dtype':{'dtype':'I32','shape':[1],'data_offsets':[4,8]}}";
    write("model.safetensors", header.replace('\'', '"'), 8);

    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      assertThat(checkpoint.names()).containsExactly("a", "a.dtype");
      assertThat(checkpoint.floats("a")).containsExactly(0);
      assertThatThrownBy(() -> checkpoint.floats("a.dtype"))
          .isInstanceOf(PleatException.class)
          .hasMessageContaining("stored as I32");
    }
  }
}
