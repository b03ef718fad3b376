"""Small models with random weights: every entry makes a model, and every entry of INPUTS its inputs."""

import re
import sys

import torch
from torch import nn


def _import_torchvision():
    """Its own kernels are missing where it and PyTorch come from different places; no model here needs them."""
    library = None
    while True:
        try:
            import torchvision

            return torchvision
        except RuntimeError as error:
            missing = re.search(r"operator torchvision::(\w+) does not exist", str(error))
            if not missing:
                raise
            library = library or torch.library.Library("torchvision", "DEF")
            _LIBRARIES.append(library)
            library.define(f"{missing.group(1)}(Tensor boxes) -> Tensor")
            for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
                del sys.modules[name]


# A library takes its definitions with it when it is collected.
_LIBRARIES = []
_import_torchvision()


class UNet(nn.Module):
    """Two levels, skip connections by concatenation, normalization with running statistics."""

    def __init__(self, channels=8):
        super().__init__()
        self.down1 = self.block(3, channels)
        self.down2 = self.block(channels, 2 * channels)
        self.middle = self.block(2 * channels, 4 * channels)
        self.up2 = nn.ConvTranspose2d(4 * channels, 2 * channels, 2, 2)
        self.join2 = self.block(4 * channels, 2 * channels)
        self.up1 = nn.ConvTranspose2d(2 * channels, channels, 2, 2)
        self.join1 = self.block(2 * channels, channels)
        self.out = nn.Conv2d(channels, 2, 1)
        self.pool = nn.MaxPool2d(2)

    @staticmethod
    def block(before, after):
        convolutions = [nn.Conv2d(before, after, 3, padding=1), nn.BatchNorm2d(after), nn.ReLU()]
        convolutions += [nn.Conv2d(after, after, 3, padding=1), nn.BatchNorm2d(after), nn.ReLU()]
        return nn.Sequential(*convolutions)

    def forward(self, x):
        first = self.down1(x)
        second = self.down2(self.pool(first))
        middle = self.middle(self.pool(second))
        second = self.join2(torch.cat([self.up2(middle), second], 1))
        first = self.join1(torch.cat([self.up1(second), first], 1))
        return self.out(first)


class Mlp(nn.Module):
    def __init__(self, width=128, depth=6):
        super().__init__()
        self.start = nn.Linear(32, width)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
            for _ in range(depth)
        )
        self.head = nn.Linear(width, 10)

    def forward(self, x):
        x = self.start(x)
        for block in self.blocks:
            x = x + block(x)
        return self.head(x)


class Logits(nn.Module):
    """A language model of transformers without its cache and its dictionary of results."""

    def __init__(self, model):
        super().__init__()
        self.m = model

    def forward(self, tokens):
        return self.m(input_ids=tokens, use_cache=False).logits


class EncoderDecoder(Logits):
    def forward(self, tokens):
        return self.m(input_ids=tokens, decoder_input_ids=tokens, use_cache=False).logits


def _transformers(name, wrapper=Logits, model=None, **settings):
    import transformers

    config = getattr(transformers, f"{name}Config")(**settings)
    return wrapper(getattr(transformers, model or f"{name}LMHeadModel")(config))


def _vision(name, **settings):
    return getattr(_import_torchvision().models, name)(weights=None, **settings)


def _vision_transformer():
    from torchvision.models.vision_transformer import VisionTransformer

    return VisionTransformer(
        image_size=64, patch_size=8, num_layers=4, num_heads=4, hidden_dim=64, mlp_dim=256, num_classes=10
    )


MODELS = {
    "resnet18": lambda: _vision("resnet18", num_classes=10),
    "resnet50": lambda: _vision("resnet50", num_classes=10),
    "vgg11": lambda: nn.Sequential(_vision("vgg11_bn", num_classes=10).features),
    "mobilenet_v2": lambda: _vision("mobilenet_v2", num_classes=10, dropout=0.0),
    "vit": _vision_transformer,
    "gpt2": lambda: _transformers(
        "GPT2", n_layer=4, n_embd=96, n_head=4, vocab_size=400, n_positions=128,
        resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
    ),
    "bert": lambda: _transformers(
        "Bert", model="BertForMaskedLM", num_hidden_layers=4, hidden_size=96, num_attention_heads=4,
        intermediate_size=384, vocab_size=400, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    ),
    "llama": lambda: _transformers(
        "Llama", model="LlamaForCausalLM", num_hidden_layers=4, hidden_size=96, num_attention_heads=4,
        num_key_value_heads=4, intermediate_size=256, vocab_size=400,
    ),
    "t5": lambda: _transformers(
        "T5", EncoderDecoder, "T5ForConditionalGeneration", num_layers=3, d_model=96, d_ff=256, num_heads=4, d_kv=24,
        vocab_size=400, dropout_rate=0.0, decoder_start_token_id=0,
    ),
    "unet": UNet,
    "mlp": Mlp,
}


def _images(batch, side=64):
    return lambda: (torch.randn(batch, 3, side, side),)


def _tokens(batch, length):
    return lambda: (torch.randint(0, 400, (batch, length)),)


INPUTS = {
    "resnet18": _images(32),
    "resnet50": _images(16),
    "vgg11": _images(16),
    "mobilenet_v2": _images(8),
    "vit": _images(16),
    "gpt2": _tokens(8, 128),
    "bert": _tokens(8, 128),
    "llama": _tokens(8, 128),
    "t5": _tokens(8, 64),
    "unet": _images(8),
    "mlp": lambda: (torch.randn(512, 32),),
}

unet_inputs = INPUTS["unet"]


def make(name):
    torch.manual_seed(0)
    return MODELS[name]()


def inputs(name):
    torch.manual_seed(1)
    return INPUTS[name]()
