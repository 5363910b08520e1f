package dev.pleat.spark;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Progress;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.SparkConf;
import org.apache.spark.TaskFailedReason;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import scala.Function1;
import scala.collection.Iterator;
import scala.reflect.ClassTag;
import scala.runtime.BoxedUnit;

/** Spark, as a job sees it. */
final class Cluster implements AutoCloseable {
  private static final Pattern STANDALONE = Pattern.compile("spark://(.+)");
  private static final Pattern HOST = Pattern.compile("(.+):([0-9]{1,5})");
  private static final int PATIENCE_MILLIS = 5000;

  /** What the native libraries need, and Spark's own of a Java runtime of today. */
  private static final String JVM =
      "--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow";

  private final String master;
  private final JavaSparkContext context;
  private volatile String failure = "";

  private Cluster(String master, JavaSparkContext context) {
    this.master = master;
    this.context = context;
    context.sc().addSparkListener(new Failures());
  }

  /**
   * Connects.
   *
   * @param master as {@code --spark} gives it; empty for that of {@code spark-submit}
   * @throws PleatException when it does not answer or there is none
   */
  static Cluster connect(String master) {
    SparkConf settings = new SparkConf().setAppName("pleat fold");
    if (!master.isEmpty()) {
      settings.setMaster(master);
    }
    String asked = settings.get("spark.master", "");
    if (asked.isEmpty()) {
      throw new PleatException(
          "--spark names no master, and neither does spark-submit; give --spark local[2], spark://HOST:7077 or yarn");
    }
    requireAnswer(asked);
    settings.setIfMissing("spark.executor.extraJavaOptions", JVM);
    if (asked.startsWith("local")) {
      settings.setIfMissing("spark.ui.enabled", "false");
    }
    if (!settings.contains("spark.jars")) {
      settings.setJars(JavaSparkContext.jarOfClass(Cluster.class));
    }
    try {
      return new Cluster(asked, new JavaSparkContext(settings));
    } catch (Exception e) { // Scala throws checked ones that it does not declare.
      throw new PleatException(
          "--spark %s: no work can be given to it (%s)".formatted(asked, line(e)), e);
    }
  }

  /** Spark itself would ask for a minute and then end the process. */
  private static void requireAnswer(String master) {
    Matcher standalone = STANDALONE.matcher(master);
    if (!standalone.matches()) {
      return;
    }
    List<String> said = new ArrayList<>();
    for (String address : standalone.group(1).split(",")) {
      Matcher host = HOST.matcher(address);
      if (!host.matches()) {
        throw new PleatException(
            "--spark %s: '%s' is no HOST:PORT; the usual port is 7077".formatted(master, address));
      }
      try (Socket socket = new Socket()) {
        socket.connect(
            new InetSocketAddress(host.group(1), Integer.parseInt(host.group(2))), PATIENCE_MILLIS);
        return;
      } catch (IOException | IllegalArgumentException e) {
        said.add(line(e));
      }
    }
    throw new PleatException(
        "--spark %s: does not answer (%s); start a master there or give the address of one"
            .formatted(master, String.join(", ", said)));
  }

  private static String line(Throwable failure) {
    String message = first(Objects.requireNonNullElse(failure.getMessage(), ""));
    return message.isEmpty() ? failure.getClass().getSimpleName() : message;
  }

  private static String first(String text) {
    return text.lines().findFirst().orElse("");
  }

  /**
   * Does one thing with each of some files.
   *
   * @param stage what messages call it
   * @return what came of each, in the order of the files
   * @throws PleatException when that is not possible, or the cluster fails
   */
  List<TaskOutcome> forEach(String stage, List<String> files, FileTask task, Progress progress) {
    progress.begin(stage, Math.max(1, files.size()));
    JavaRDD<String> tasks = context.parallelize(files, Math.max(1, files.size()));
    List<TaskOutcome> outcomes =
        new ArrayList<>(Collections.nCopies(files.size(), TaskOutcome.done("", "")));
    Queue<TaskOutcome> refused = new ConcurrentLinkedQueue<>();
    context.setJobGroup(stage, stage, true);
    try {
      context
          .sc()
          .runJob(
              tasks.rdd(),
              work(task),
              (partition, outcome) -> {
                outcomes.set((Integer) partition, outcome);
                progress.step();
                if (!outcome.refusal().isEmpty()) {
                  refused.add(outcome);
                  context.cancelJobGroup(stage);
                }
                return BoxedUnit.UNIT;
              },
              ClassTag.<TaskOutcome>apply(TaskOutcome.class));
    } catch (Exception e) {
      if (refused.isEmpty()) {
        String last = failure;
        throw new PleatException(
            "--spark %s: gave up (%s); start the job again: it goes on"
                .formatted(master, last.isEmpty() ? line(e) : last),
            e);
      }
    }
    for (TaskOutcome outcome : refused) {
      throw new PleatException(outcome.refusal());
    }
    return outcomes;
  }

  private interface Work extends Function1<Iterator<String>, TaskOutcome>, Serializable {}

  private static Work work(FileTask task) {
    return names -> {
      try {
        return task.attempt(names.next());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  /** Remembers why the last task failed: what Spark throws is a page. */
  private final class Failures extends SparkListener {
    @Override
    public void onTaskEnd(SparkListenerTaskEnd end) {
      failure =
          switch (end.reason()) {
            case ExceptionFailure thrown -> first(thrown.description());
            case TaskFailedReason other -> first(other.toErrorString());
            default -> "";
          };
    }
  }

  @Override
  public void close() {
    context.close();
  }
}
