import dev.pleat.cli.PleatCommand;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.Arrays;

/**
 * Runs pleat's commands one after the other in one JVM: a line on standard input names the files for
 * standard output and error, then the arguments, separated by tabs; the answer is the exit code.
 */
final class Worker {
  private Worker() {}

  public static void main(String[] arguments) throws Exception {
    PrintStream answers = System.out;
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] fields = line.split("\t");
      try (PrintStream out = new PrintStream(fields[0]);
          PrintStream err = new PrintStream(fields[1])) {
        System.setOut(out);
        System.setErr(err);
        int code = PleatCommand.commandLine().execute(Arrays.copyOfRange(fields, 2, fields.length));
        answers.println(code);
      }
    }
  }
}
