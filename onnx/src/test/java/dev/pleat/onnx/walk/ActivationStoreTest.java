package dev.pleat.onnx.walk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pleat.onnx.run.TensorValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ActivationStoreTest {

  private static TensorValue.Floats floats(int count, Random random) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextFloat();
    }
    return new TensorValue.Floats(new long[] {1, count}, values);
  }

  private static void assertSame(TensorValue actual, TensorValue.Floats expected) {
    assertThat(actual).isInstanceOf(TensorValue.Floats.class);
    TensorValue.Floats found = (TensorValue.Floats) actual;
    assertThat(found.shape()).isEqualTo(expected.shape());
    assertThat(found.values()).isEqualTo(expected.values());
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 100, 4000})
  void values_come_back_as_they_were_however_others_come_and_go(long limit) {
    Random random = new Random(limit);
    record Held(ActivationStore.Kept kept, TensorValue.Floats value) {}
    List<Held> expected = new ArrayList<>();
    try (ActivationStore store = new ActivationStore(limit)) {
      for (int step = 0; step < 400; step++) {
        if (random.nextInt(5) < 2 && !expected.isEmpty()) {
          Held gone = expected.remove(random.nextInt(expected.size()));
          assertSame(store.get(gone.kept), gone.value);
          store.remove(gone.kept);
        } else {
          TensorValue.Floats value = floats(10 + random.nextInt(4), random);
          expected.add(new Held(store.put(value), value));
        }
      }
      assertThat(expected).isNotEmpty();
      expected.forEach(held -> assertSame(store.get(held.kept), held.value));
    }
  }

  @Test
  void only_what_exceeds_the_limit_goes_to_the_file_and_its_places_are_used_again() {
    Random random = new Random(1);
    try (ActivationStore store = new ActivationStore(40)) {
      assertThat(store.put(floats(10, random))).isInstanceOf(ActivationStore.Kept.InMemory.class);
      ActivationStore.Kept first = store.put(floats(7, random));
      ActivationStore.Kept second = store.put(floats(7, random));
      assertThat(first).isInstanceOf(ActivationStore.Kept.InFile.class);
      store.remove(first);
      TensorValue.Floats value = floats(7, random);

      ActivationStore.Kept third = store.put(value);

      assertThat(((ActivationStore.Kept.InFile) third).offset())
          .isEqualTo(((ActivationStore.Kept.InFile) first).offset())
          .isNotEqualTo(((ActivationStore.Kept.InFile) second).offset());
      assertSame(store.get(third), value);
    }
  }

  @Test
  void integers_stay_in_memory() {
    TensorValue.Integers value = new TensorValue.Integers(new long[] {2}, new long[] {3, 4});
    try (ActivationStore store = new ActivationStore(0)) {
      ActivationStore.Kept kept = store.put(value);

      assertThat(store.get(kept)).isSameAs(value);
      store.remove(kept);
    }
  }
}
