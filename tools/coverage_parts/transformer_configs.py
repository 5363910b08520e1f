"""Tiny configurations of transformers' families: a model, its inputs, and what it is called with besides."""
from collections.abc import Callable

import torch

TEXT = {"vocab_size": 300, "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
        "intermediate_size": 256, "max_position_embeddings": 64, "pad_token_id": 0}
DECODER = TEXT | {"num_key_value_heads": 2, "bos_token_id": 1, "eos_token_id": 2, "head_dim": 16}
VISION = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 256,
          "image_size": 64, "patch_size": 8}
SEQUENCE_PAIR = {"vocab_size": 300, "d_model": 64, "encoder_layers": 2, "decoder_layers": 2,
                 "encoder_attention_heads": 4, "decoder_attention_heads": 4, "encoder_ffn_dim": 256,
                 "decoder_ffn_dim": 256, "max_position_embeddings": 64, "pad_token_id": 0, "bos_token_id": 1,
                 "eos_token_id": 2, "decoder_start_token_id": 2, "forced_eos_token_id": None}
LENGTH = 12


def make(kind: str, family: str, **options):
    import transformers

    config = transformers.AutoConfig.for_model(family, **options)
    config.architectures = config.architectures or []
    return getattr(transformers, kind).from_config(config)


def tokens(count: int = LENGTH, high: int = 300) -> torch.Tensor:
    return torch.randint(3, high, (1, count))


def text(kind: str, family: str, base: dict = TEXT, **options) -> Callable:
    def build():
        return make(kind, family, **(base | options)), {"input_ids": tokens(), "attention_mask": torch.ones(1, LENGTH, dtype=torch.long)}, {}
    return build


def encoder(family: str, **options) -> Callable:
    return text("AutoModel", family, **options)


def causal(family: str, **options) -> Callable:
    def build():
        model, inputs, _ = text("AutoModelForCausalLM", family, DECODER, **options)()
        return model, inputs, {"use_cache": False}
    return build


def image(family: str, kind: str = "AutoModelForImageClassification", side: int = 64, base: dict | None = None, **options) -> Callable:
    def build():
        model = make(kind, family, **((base or {}) | options))
        return model, {"pixel_values": torch.rand(1, 3, side, side)}, {}
    return build


def vision(family: str, kind: str = "AutoModelForImageClassification", **options) -> Callable:
    return image(family, kind, base=VISION, **options)


def pair(family: str, kind: str = "AutoModelForSeq2SeqLM", base: dict = SEQUENCE_PAIR, **options) -> Callable:
    def build():
        inputs = {"input_ids": tokens(), "attention_mask": torch.ones(1, LENGTH, dtype=torch.long), "decoder_input_ids": tokens(6)}
        return make(kind, family, **(base | options)), inputs, {"use_cache": False}
    return build


T5 = {"vocab_size": 300, "d_model": 64, "d_kv": 16, "d_ff": 256, "num_layers": 2, "num_heads": 4, "decoder_start_token_id": 0}
CONV_AUDIO = {"conv_dim": (32, 32, 32), "conv_stride": (5, 4, 2), "conv_kernel": (10, 4, 2), "num_feat_extract_layers": 3,
              "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 4}


def audio(family: str, kind: str = "AutoModelForCTC", **options) -> Callable:
    def build():
        model = make(kind, family, **(TEXT | CONV_AUDIO | {"bos_token_id": 1, "eos_token_id": 2} | options))
        return model, {"input_values": torch.randn(1, 1600)}, {}
    return build


def whisper():
    model = make("AutoModelForSpeechSeq2Seq", "whisper", **(SEQUENCE_PAIR | {"num_mel_bins": 20, "max_source_positions": 50,
                 "max_target_positions": 32, "begin_suppress_tokens": None, "suppress_tokens": None}))
    return model, {"input_features": torch.randn(1, 20, 100), "decoder_input_ids": tokens(6)}, {"use_cache": False}


def two_towers(family: str) -> Callable:
    def build():
        model = make("AutoModel", family, text_config=TEXT | {"eos_token_id": 2, "bos_token_id": 1, "projection_size": 64}, vision_config=VISION, projection_dim=48)
        return model, {"input_ids": tokens(), "pixel_values": torch.rand(1, 3, 64, 64)}, {}
    return build


def layout(family: str) -> Callable:
    def build():
        boxes = torch.randint(0, 60, (1, LENGTH, 4)).sort(-1).values
        model = make("AutoModel", family, **(TEXT | {"max_2d_position_embeddings": 128}))
        return model, {"input_ids": tokens(), "bbox": boxes, "attention_mask": torch.ones(1, LENGTH, dtype=torch.long)}, {}
    return build


def detection(family: str, **options) -> Callable:
    def build():
        backbone = {"model_type": "resnet", "embedding_size": 16, "hidden_sizes": [16, 32, 48, 64], "depths": [1, 1, 1, 1],
                    "layer_type": "basic", "out_features": ["stage4"]}
        model = make("AutoModelForObjectDetection", family, **(SEQUENCE_PAIR | {"num_queries": 10, "use_timm_backbone": False,
                     "use_pretrained_backbone": False, "backbone": None, "backbone_config": backbone} | options))
        return model, {"pixel_values": torch.rand(1, 3, 96, 96)}, {}
    return build


def detection_vit(family: str) -> Callable:
    def build():
        model = make("AutoModelForObjectDetection", family, **(VISION | {"image_size": [64, 64], "num_detection_tokens": 10}))
        return model, {"pixel_values": torch.rand(1, 3, 64, 64)}, {}
    return build


def spectrogram():
    model = make("AutoModelForAudioClassification", "audio-spectrogram-transformer", **(VISION | {"max_length": 64, "num_mel_bins": 32}))
    return model, {"input_values": torch.randn(1, 64, 32)}, {}


def dpt():
    model = make("AutoModelForDepthEstimation", "dpt", **(VISION | {"num_hidden_layers": 4, "backbone_out_indices": [0, 1, 2, 3],
                 "neck_hidden_sizes": [16, 24, 32, 48], "fusion_hidden_size": 32, "is_hybrid": False, "reassemble_factors": [4, 2, 1, 0.5]}))
    return model, {"pixel_values": torch.rand(1, 3, 64, 64)}, {}


SWIN = {"image_size": 64, "patch_size": 4, "embed_dim": 24, "depths": [2, 2], "num_heads": [2, 4], "window_size": 4}
STAGES = {"embedding_size": 16, "hidden_sizes": [16, 32, 48, 64], "depths": [1, 1, 1, 1]}
PYRAMID = {"hidden_sizes": [16, 32, 40, 48], "depths": [1, 1, 1, 1], "num_attention_heads": [1, 2, 5, 8], "image_size": 64}

TRANSFORMERS: dict[str, Callable] = {
    "bert": encoder("bert"),
    "vit": vision("vit"),
    "clip": two_towers("clip"),
    "bart": pair("bart"),
    "t5": pair("t5", base=T5),
    "swin": image("swin", base=SWIN),
    "llama": causal("llama"),
    "gemma": causal("gemma"),
    "qwen2": causal("qwen2"),
    "mistral": causal("mistral"),
    "deit": vision("deit"),
    "dinov2": image("dinov2", base=VISION | {"mlp_ratio": 3}),
    "gpt2": causal("gpt2"),
    "whisper": whisper,
    "deberta-v2": encoder("deberta-v2", relative_attention=True, pos_att_type=["p2c", "c2p"], position_buckets=16),
    "roberta": encoder("roberta"),
    "distilbert": encoder("distilbert", dim=64, n_layers=2, n_heads=4, hidden_dim=256),
    "albert": encoder("albert", embedding_size=32),
    "electra": encoder("electra", embedding_size=32),
    "mpnet": encoder("mpnet"),
    "deberta": encoder("deberta", relative_attention=True, pos_att_type=["p2c", "c2p"]),
    "xlm-roberta": encoder("xlm-roberta"),
    "camembert": encoder("camembert"),
    "ernie": encoder("ernie"),
    "modernbert": encoder("modernbert", global_attn_every_n_layers=2, local_attention=8, bos_token_id=1, eos_token_id=2, cls_token_id=1, sep_token_id=2),
    "nystromformer": encoder("nystromformer", num_landmarks=4, segment_means_seq_len=12),
    "roformer": encoder("roformer", embedding_size=64),
    "convbert": encoder("convbert", embedding_size=64),
    "squeezebert": encoder("squeezebert", embedding_size=64),
    "mobilebert": encoder("mobilebert", embedding_size=32, true_hidden_size=32, intra_bottleneck_size=32),
    "funnel": encoder("funnel", block_sizes=[1, 1], num_decoder_layers=1, d_model=64, n_head=4, d_head=16, d_inner=256),
    "xlnet": encoder("xlnet", d_model=64, n_layer=2, n_head=4, d_inner=256),
    "xlm": encoder("xlm", emb_dim=64, n_layers=2, n_heads=4),
    "flaubert": encoder("flaubert", emb_dim=64, n_layers=2, n_heads=4),
    "longformer": encoder("longformer", attention_window=[4, 4]),
    "megatron-bert": encoder("megatron-bert"),
    "bert-generation": encoder("bert-generation", bos_token_id=1, eos_token_id=2),
    "rembert": encoder("rembert", input_embedding_size=32, output_embedding_size=32),
    "layoutlm": layout("layoutlm"),
    "vit_msn": vision("vit_msn"),
    "vit_mae": vision("vit_mae", "AutoModel"),
    "beit": vision("beit"),
    "data2vec-vision": vision("data2vec-vision"),
    "dinov2_with_registers": image("dinov2_with_registers", base=VISION | {"mlp_ratio": 3}),
    "dinov3_vit": vision("dinov3_vit", "AutoModel"),
    "ijepa": vision("ijepa"),
    "pvt": image("pvt", base=PYRAMID),
    "pvt_v2": image("pvt_v2", base=PYRAMID, strides=[4, 2, 2, 2], mlp_ratios=[4, 4, 4, 4]),
    "swinv2": image("swinv2", base=SWIN),
    "donut-swin": image("donut-swin", "AutoModel", base=SWIN),
    "siglip": two_towers("siglip"),
    "siglip_vision_model": vision("siglip_vision_model", "AutoModel"),
    "clip_vision_model": vision("clip_vision_model", "AutoModel"),
    "clip_text_model": encoder("clip_text_model", eos_token_id=2, bos_token_id=1),
    "altclip": two_towers("altclip"),
    "convnext": image("convnext", hidden_sizes=[16, 32, 48, 64], depths=[1, 1, 2, 1]),
    "convnextv2": image("convnextv2", hidden_sizes=[16, 32, 48, 64], depths=[1, 1, 2, 1]),
    "resnet": image("resnet", **STAGES),
    "regnet": image("regnet", **STAGES, groups_width=8),
    "bit": image("bit", **STAGES, num_groups=4),
    "mobilenet_v1": image("mobilenet_v1", depth_multiplier=0.25),
    "mobilenet_v2": image("mobilenet_v2", depth_multiplier=0.35),
    "mobilevit": image("mobilevit", image_size=64, hidden_sizes=[32, 48, 64], neck_hidden_sizes=[8, 16, 24, 32, 40, 64]),
    "mobilevitv2": image("mobilevitv2", image_size=64, width_multiplier=0.5),
    "segformer": image("segformer", "AutoModelForSemanticSegmentation", hidden_sizes=[16, 32, 40, 64], depths=[1, 1, 1, 1],
                       num_attention_heads=[1, 2, 5, 8], decoder_hidden_size=48),
    "poolformer": image("poolformer", hidden_sizes=[16, 32, 40, 64], depths=[1, 1, 1, 1]),
    "efficientnet": image("efficientnet", image_size=64, width_coefficient=0.5, depth_coefficient=0.5, hidden_dim=640),
    "levit": image("levit", image_size=64, hidden_sizes=[32, 48, 64], num_attention_heads=[2, 3, 4], depths=[1, 1, 1], key_dim=[8, 8, 8]),
    "cvt": image("cvt", embed_dim=[16, 32, 48], num_heads=[1, 2, 4], depth=[1, 1, 2]),
    "focalnet": image("focalnet", image_size=64, embed_dim=16, depths=[1, 1, 2, 1], hidden_sizes=[16, 32, 64, 128]),
    "swiftformer": image("swiftformer", depths=[1, 1, 1, 1], embed_dims=[16, 32, 48, 64]),
    "hiera": image("hiera", image_size=[64, 64], embed_dim=16, depths=[1, 1, 1, 1], num_heads=[1, 2, 4, 8]),
    "glpn": image("glpn", "AutoModelForDepthEstimation", hidden_sizes=[16, 32, 40, 64], depths=[1, 1, 1, 1],
                  num_attention_heads=[1, 2, 5, 8], decoder_hidden_size=16),
    "dpt": dpt,
    "yolos": detection_vit("yolos"),
    "detr": detection("detr"),
    "conditional_detr": detection("conditional_detr"),
    "mt5": pair("mt5", base=T5 | {"feed_forward_proj": "gated-gelu"}),
    "umt5": pair("umt5", base=T5 | {"feed_forward_proj": "gated-gelu"}),
    "switch_transformers": pair("switch_transformers", base=T5 | {"num_experts": 4, "num_sparse_encoder_layers": 1,
                                "num_sparse_decoder_layers": 1, "num_decoder_layers": 2}),
    "pegasus": pair("pegasus"),
    "marian": pair("marian"),
    "mbart": pair("mbart"),
    "m2m_100": pair("m2m_100"),
    "blenderbot": pair("blenderbot"),
    "blenderbot-small": pair("blenderbot-small"),
    "prophetnet": pair("prophetnet", base={"vocab_size": 300, "hidden_size": 64, "encoder_ffn_dim": 256, "num_encoder_layers": 2,
                       "num_encoder_attention_heads": 4, "decoder_ffn_dim": 256, "num_decoder_layers": 2,
                       "num_decoder_attention_heads": 4, "max_position_embeddings": 64, "decoder_start_token_id": 2}),
    "wav2vec2": audio("wav2vec2"),
    "hubert": audio("hubert"),
    "wavlm": audio("wavlm"),
    "unispeech": audio("unispeech"),
    "sew": audio("sew", squeeze_factor=2),
    "audio-spectrogram-transformer": spectrogram,
    "gemma2": causal("gemma2", sliding_window=8),
    "gemma3_text": causal("gemma3_text", sliding_window=8),
    "qwen3": causal("qwen3"),
    "qwen2_moe": causal("qwen2_moe", num_experts=4, num_experts_per_tok=2, moe_intermediate_size=48, shared_expert_intermediate_size=96),
    "mixtral": causal("mixtral", num_local_experts=4, num_experts_per_tok=2),
    "phi": causal("phi"),
    "phi3": causal("phi3"),
    "gpt_neox": causal("gpt_neox"),
    "gpt_neo": causal("gpt_neo", num_layers=2, num_heads=4, attention_types=[[["global", "local"], 1]]),
    "gptj": causal("gptj", n_embd=64, n_layer=2, n_head=4, rotary_dim=8),
    "opt": causal("opt", ffn_dim=256, word_embed_proj_dim=64),
    "bloom": causal("bloom", n_layer=2, n_head=4),
    "falcon": causal("falcon"),
    "codegen": causal("codegen", n_embd=64, n_layer=2, n_head=4, rotary_dim=8),
    "gpt_bigcode": causal("gpt_bigcode"),
    "mamba": causal("mamba", state_size=8),
    "mamba2": causal("mamba2", state_size=8, num_heads=8, n_groups=2, chunk_size=8),
    "stablelm": causal("stablelm"),
    "starcoder2": causal("starcoder2"),
    "cohere": causal("cohere"),
    "olmo": causal("olmo"),
    "olmo2": causal("olmo2"),
    "granite": causal("granite"),
    "persimmon": causal("persimmon"),
    "mpt": causal("mpt", d_model=64, n_heads=4, n_layers=2, max_seq_len=64, expansion_ratio=2),
    "xglm": causal("xglm", d_model=64, ffn_dim=256, num_layers=2, attention_heads=4),
    "biogpt": causal("biogpt"),
    "smollm3": causal("smollm3"),
    "glm": causal("glm"),
    "ernie4_5": causal("ernie4_5"),
}
