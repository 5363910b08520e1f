package dev.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Wrong usage is exit code 2 and one line that names the option, what was found and expected. */
class WrongUsageTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          ""                                          | a command is missing
          foldd                                       | 'foldd'; did you mean fold
          fold                                        | 'MODEL'
          fold m.onnx --channels 1.2 -o o.onnx        | '--channels': '1.2' is not a share in [0, 1)
          fold m.onnx --channels 1 -o o.onnx          | '1' is not a share in [0, 1)
          fold m.onnx --channels -0.1 -o o.onnx       | '-0.1' is not a share in [0, 1)
          fold m.onnx --channels NaN -o o.onnx        | 'NaN' is not a share in [0, 1)
          fold m.onnx --channels half -o o.onnx       | 'half' is not a share in [0, 1)
          fold m.onnx --params 7 -o o.onnx            | '--params': '7' is not a share in [0, 1)
          fold m.onnx --size 20XB -o o.onnx           | '--size': '20XB' is not a size such as 20MB
          fold m.onnx --size 0MB -o o.onnx            | '0MB' is not a size
          fold m.onnx --size -1MB -o o.onnx           | '-1MB' is not a size
          fold m.onnx --channels 0.5                  | no output: name the file to write with -o OUT
          fold . -o o                                 | no target: a directory needs --channels R
          fold . -o o --keep 0.9                      | --keep is for .onnx files
          fold m.onnx -o o.onnx --keep 1.5            | '1.5' is not a quality in (0, 1]
          fold m.onnx -o o.onnx --keep 0.9 --channels 0.5 | mutually exclusive
          fold m.onnx -o o.onnx --channels 0.5 --size 1MB | mutually exclusive
          fold m.onnx -o o.onnx --channels 0.5 --params 0.5 | mutually exclusive
          fold m.onnx -o o.onnx --flops 0.5 --latency-budget 0.5 | mutually exclusive
          fold m.onnx -o o.onnx --flops 1             | '--flops': '1' is not a share in [0, 1)
          fold m.onnx -o o.onnx --latency-budget 0    | '--latency-budget': '0' is not a share in (0, 1]
          fold m.onnx -o o.onnx --size 0%             | '0%' is not a share of the file such as 25%
          fold m.onnx -o o.onnx --channels 0.5 --allocate most | 'most' is unknown; expected uniform, global
          fold m.onnx -o o.onnx --channels 0.5 --method l7 | 'l7' is unknown; expected fold, ward, kmeans, hartigan, l1, l2, wanda, random, ifm, inn
          fold m.onnx -o o.onnx --channels 0.5 --repair magic | 'magic' is unknown; expected auto, none, approximate
          fold m.onnx -o o.onnx --channels 0.5 --round 0 | '--round': '0' is not a whole number
          fold m.onnx -o o.onnx --channels 0.5 --threads two | '--threads': 'two' is not a whole number
          fold m.onnx -o o.onnx --channels 0.5 --threads 1025 | '1025' is not a whole number from 1 to 1024
          fold m.onnx -o o.onnx --channels 0.5 --samples 1000001 | '1000001' is not a whole number from 1 to 1000000
          fold m.onnx -o o.onnx --width conv1=many    | 'many' is not a whole number
          fold m.onnx -o o.onnx --width conv1=0       | '0' is not a whole number
          fold m.onnx -o o.onnx --width conv1         | should be in KEY=VALUE format but was conv1
          fold m.onnx -o o.onnx --channels 0.5 --input-shape image=1x0x3 | 'image=1x0x3' is not NAME=SHAPE
          fold m.onnx -o o.onnx --channels 0.5 --mehtod l1 | did you mean --method
          fold m.onnx -o o.onnx --architecture a.json | --architecture is for model directories
          fold m.onnx -o o.onnx --heads 1.5           | '--heads': '1.5' is not a share in [0, 1)
          fold m.onnx -o o.onnx --layers 1.5          | '--layers': '1.5' is neither auto nor a whole number nor a share in [0, 1)
          fold m.onnx -o o.onnx --channels 0.5 --layers 2 | --layers is for model directories, and m.onnx is none
          inspect m.onnx --architecture a.json        | --architecture is for model directories
          inspect                                     | 'MODEL'
          eval                                        | 'MODEL'
          eval m.onnx --labels l.gz                   | --labels without --images
          eval m.onnx --images i --inputs a.npz       | --images and --inputs
          eval m.onnx --size 224                      | '--image-size': '224' is not a height and width
          eval m.onnx --size 0x9                      | 0x9 is no size of images
          eval m.onnx --mean 0.1,grey                 | 'grey' is not a number
          eval m.onnx --std 0                         | '0' is not a number above 0
          eval m.onnx --layout hwc                    | 'hwc' is unknown; expected nchw, nhwc
          eval m.onnx --batch 0                       | '--batch': '0' is not a whole number
          eval m.onnx --latency-batch 1.5             | '1.5' is not a whole number
          invert                                      | 'MODEL'
          invert m.onnx                               | '--output=OUT'
          invert m.onnx -o o.npy --images 0           | '--images': '0' is not a whole number
          invert m.onnx -o o.npy --steps many         | '--steps': 'many' is not a whole number
          invert m.onnx -o o.npy --image-size 9       | '--image-size': '9' is not a height and width
          eval m.onnx --text t.txt                    | --text and --task are for model directories, and m.onnx is none
          eval . --context 8                          | a model directory needs either --text FILE or --task FILE
          eval . --text t.txt --images i              | --images and --inputs are for .onnx
          eval . --text t.txt --stride 0              | '--stride': '0' is not a whole number
          fold . -o o --channels 0.5 --samples 8      | --samples is for .onnx files, and . is a directory
          fold . -o o --channels 0.5 --image-size 8x8 | --image-size is for .onnx files
          fold . -o o --channels 0.5 --input-shape 1x3 | --input-shape is for .onnx files
          fold . -o o --latency-budget 0.5            | --latency-budget is for .onnx files
          fold m.onnx -o o.onnx --channels 0.5 --resume | --resume is for model directories, and m.onnx is none
          fold hdfs://h/m -o o --channels 0.5         | hdfs:// or s3a:// paths need Spark, which is not on the class path
          fold . -o o --channels 0.5 --spark local --part 1/2 | --spark goes with neither --report nor --part nor --data
          fold m.onnx -o o.onnx --channels 0.5 --part 1/2 | --part is for model directories, and m.onnx is none
          fold m -o o --channels 0.5 --part 3/2 | '3/2' is no part; 3/8 is the third of eight
          inspect . --input-shape 1x3                 | --input-shape is for .onnx files
          sweep . --text t.txt --samples 8            | --samples is for .onnx files
          eval . --text t.txt --batch 8               | --batch is for .onnx files
          eval . --text t.txt --output-name y         | --output-name is for .onnx files
          merge a.onnx -o b.onnx                      | merge takes two networks or more
          merge a.onnx b.onnx                         | '--output=OUT'
          export .                                    | '--output=FILE'
          demo again                                  | 'again'
          inspect m.onnx --channels 0.5 --size 1MB    | mutually exclusive
          """)
  void wrong_usage_is_one_line_and_exit_code_2(String arguments, String expected) {
    Run run = Run.of(arguments.isBlank() ? new String[0] : arguments.split(" +"));

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("pleat: ").contains(expected).hasLineCount(1);
  }
}
