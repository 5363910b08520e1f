"""Which models the coverage run takes: hard ones first, one small member of each family."""

# Larger members of a torchvision family differ from the smaller ones in width and depth only.
TORCHVISION_LIMIT = 60_000_000
TORCHVISION_SKIPPED = ("quantized_",)

# What fails when a tracer does not know sizes: exported and folded first.
HARD = {
    "torchvision": "swin_t vit_b_32 maxvit_t mvit_v1_b mvit_v2_s",
    "timm": "deit beit swin davit eva02 crossvit convit coat pit gmlp convnextv2 resnet_gn sequencer edgenext "
    "efficientvit_msra iformer maxvit_rmlp",
    "transformers": "bert vit clip bart t5 swin llama gemma qwen2 mistral deit dinov2 gpt2 whisper deberta-v2",
}

# Exported in further ways too: normalisations live, open batch, simplified, optimised.
VARIED = {
    "torchvision": ("resnet18", "mobilenet_v2"),
    "timm": ("convnext", "vit"),
    "transformers": ("bert",),
}

# A family's name, and the member that stands for it.
_TIMM = """
deit deit_tiny_patch16_224
beit beit_base_patch16_224
swin swin_tiny_patch4_window7_224
davit davit_tiny
eva02 eva02_tiny_patch14_224
crossvit crossvit_tiny_240
convit convit_tiny
coat coat_tiny
pit pit_ti_224
gmlp gmlp_ti16_224
convnextv2 convnextv2_atto
resnet_gn resnet50_gn
sequencer sequencer2d_s
edgenext edgenext_xx_small
efficientvit_msra efficientvit_m0
iformer iformer_t
maxvit_rmlp maxvit_rmlp_pico_rw_256
swinv2 swinv2_tiny_window8_256
swinv2_cr swinv2_cr_tiny_ns_224
vit vit_tiny_patch16_224
halonet halonet26t
botnet botnet26t_256
lambda_resnet lambda_resnet26t
bat_resnext bat_resnext26ts
gcresnet gcresnet33ts
gernet gernet_s
mobileone mobileone_s0
regnetz regnetz_b16
regnetz_evos regnetz_b16_evos
repvgg repvgg_a0
resnet_clip resnet50_clip
cait cait_xxs24_224
coat_lite coat_lite_tiny
convmixer convmixer_768_32
convnext convnext_atto
convnext_rms convnext_atto_rms
cpubone cpubone_nano
csatv2 csatv2
cs3darknet cs3darknet_s
cs3sedarknet cs3sedarknet_l
darknet darknet17
cspresnet cspresnet50
cspnext cspnext_tiny
deit3 deit3_small_patch16_224
densenet densenet121
densenetblur densenetblur121d
dla dla46_c
dla_res2net dla60_res2net
dpn dpn48b
efficientformer efficientformer_l1
efficientformerv2 efficientformerv2_s0
efficientnet efficientnet_b0
efficientnet_gn efficientnet_b0_gn
efficientnet_cc efficientnet_cc_b0_4e
efficientnet_lite efficientnet_lite0
efficientnetv2 efficientnetv2_rw_t
tf_efficientnet tf_efficientnet_b0
tf_efficientnetv2 tf_efficientnetv2_b0
mixnet mixnet_s
tf_mixnet tf_mixnet_s
mnasnet mnasnet_small
semnasnet semnasnet_050
spnasnet spnasnet_100
fbnetc fbnetc_100
mobilenet_edgetpu mobilenet_edgetpu_100
mobilenetv1 mobilenetv1_100
mobilenetv2 mobilenetv2_035
tinynet tinynet_e
efficientvim efficientvim_m1
efficientvit_mit efficientvit_b0
efficientvit_mit_l efficientvit_l1
vit_rope vit_small_patch16_rope_224
vit_dinov3 vit_small_patch16_dinov3
vit_pe vit_pe_core_tiny_patch16_384
fasternet fasternet_t0
fastvit fastvit_t8
fastvit_sa fastvit_sa12
focalnet focalnet_tiny_srf
gcvit gcvit_xxtiny
ghostnet ghostnet_050
ghostnetv2 ghostnetv2_100
ghostnetv3 ghostnetv3_050
hardcorenas hardcorenas_a
hgnet hgnet_tiny
hgnetv2 hgnetv2_b0
hiera hiera_tiny_224
sam2_hiera sam2_hiera_tiny
hrnet hrnet_w18_small
inception_next inception_next_atto
inception_resnet_v2 inception_resnet_v2
inception_v3 inception_v3
inception_v4 inception_v4
lcnetv2 lcnetv2_small
levit levit_128s
levit_conv levit_conv_128s
lowformer lowformer_b0
mambaout mambaout_femto
coatnet coatnet_pico_rw_224
coatnet_rmlp coatnet_rmlp_nano_rw_224
coatnext coatnext_nano_rw_224
maxvit maxvit_tiny_tf_224
maxxvit maxxvit_rmlp_nano_rw_256
maxxvitv2 maxxvitv2_nano_rw_256
caformer caformer_s18
convformer convformer_s18
poolformer poolformer_s12
poolformerv2 poolformerv2_s12
gmixer gmixer_12_224
mixer mixer_s32_224
resmlp resmlp_12_224
fbnetv3 fbnetv3_b
lcnet lcnet_035
mobilenetv3 mobilenetv3_small_050
tf_mobilenetv3 tf_mobilenetv3_small_075
mobilenetv4 mobilenetv4_conv_small_035
mobilenetv4_hybrid mobilenetv4_hybrid_medium_075
mobilenetv5 mobilenetv5_base
mobilevit mobilevit_xxs
mobilevitv2 mobilevitv2_050
mvitv2 mvitv2_tiny
nasnet nasnetalarge
nest nest_tiny
nextvit nextvit_small
nfnet nfnet_l0
eca_nfnet eca_nfnet_l0
nf_regnet nf_regnet_b0
nf_resnet nf_resnet26
pvt_v2 pvt_v2_b0
rdnet rdnet_tiny
regnetx regnetx_002
regnety regnety_002
repghostnet repghostnet_050
repvit repvit_m0_9
res2net res2net50_48w_2s
res2next res2next50
resnest resnest14d
ecaresnet ecaresnet26t
resnet resnet10t
resnetaa resnetaa34d
resnetblur resnetblur18
resnetrs resnetrs50
resnext resnext50_32x4d
seresnet seresnet18
seresnext seresnext26d_32x4d
resnetv2 resnetv2_18
resnetv2_gn resnetv2_50d_gn
resnetv2_frn resnetv2_50d_frn
resnetv2_bit resnetv2_50x1_bit
rexnet rexnet_100
selecsls selecsls42b
legacy_seresnet legacy_seresnet18
shvit shvit_s1
skresnet skresnet18
starnet starnet_s050
swiftformer swiftformer_xs
swin_s3 swin_s3_tiny_224
tiny_vit tiny_vit_5m_224
tnt tnt_s_patch16_224
tresnet tresnet_m
twins_pcpvt twins_pcpvt_small
twins_svt twins_svt_small
vgg_bn vgg11_bn
visformer visformer_tiny
vit_dinov2 vit_small_patch14_dinov2
vit_clip vit_xsmall_patch16_clip_224
vit_reg vit_wee_patch16_reg1_gap_256
vit_siglip vit_base_patch32_siglip_256
vit_hybrid vit_tiny_r_s16_p8_224
vit_relpos vit_relpos_small_patch16_224
vit_srelpos vit_srelpos_small_patch16_224
samvit samvit_base_patch16_224
vitamin vitamin_small_224
volo volo_d1_224
vovnet ese_vovnet19b_slim
legacy_xception legacy_xception
xception xception41
xcit xcit_nano_12_p16_224
naflexvit naflexvit_base_patch16_gap
pnasnet pnasnet5large
"""
TIMM = dict(line.split() for line in _TIMM.split("\n") if line)
