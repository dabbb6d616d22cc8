"""Feed the positive pairs of a benchmark to PyTorch: a query crop, an index image, and the mask of the query's object.

The image and its mask go through the same random crop and flip, since torchvision knows what each of them is.

    pip install "pixret[torch]"
    python examples/torch_pairs.py --data data --benchmark mini
"""

import argparse
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset
from torchvision import tv_tensors
from torchvision.transforms import v2

from pixret.loader import load
from pixret.views import crop_query, decode_mask

SIZE = 224


class PositivePairs(Dataset[dict[str, Any]]):
    """The labelled pairs of prepared tables; images are decoded when they are asked for."""

    def __init__(self, data: Path, benchmark: str) -> None:
        pairs = load(f"{benchmark}-pairs", data)
        labelled = [row for row, area in enumerate(pairs["area"]) if area is not None]
        self.pairs = pairs.select(labelled)
        self.queries = load(f"{benchmark}-queries", data)  # a row's number is its index
        self.corpus = load(f"{benchmark}-corpus", data)
        self.of_query = v2.Compose([v2.Resize((SIZE, SIZE)), v2.ToDtype(torch.float32, scale=True)])
        self.of_pair = v2.Compose(
            [
                v2.RandomResizedCrop(SIZE, scale=(0.5, 1.0)),
                v2.RandomHorizontalFlip(),
                v2.ToDtype({tv_tensors.Image: torch.float32, tv_tensors.Mask: torch.bool, "others": None}, scale=True),
            ]
        )

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, number: int) -> dict[str, Any]:
        pair = self.pairs[number]
        query = self.queries[pair["query_index"]]
        crop = tv_tensors.Image(crop_query(query["image"].convert("RGB"), query["bbox"]))
        image = tv_tensors.Image(self.corpus[pair["image_index"]]["image"].convert("RGB"))
        mask = tv_tensors.Mask(torch.from_numpy(decode_mask(pair["segmentation"])))
        image, mask = self.of_pair(image, mask)
        return {"query": self.of_query(crop), "image": image, "mask": mask, "query_index": pair["query_index"]}


def main() -> None:
    """Go through all pairs once, and say what came."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--benchmark", default="mini")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    pairs = PositivePairs(options.data, options.benchmark)
    torch.manual_seed(0)
    seen, foreground = 0, 0.0
    for batch in DataLoader(pairs, options.batch, shuffle=True, num_workers=options.workers):
        if seen == 0:
            shapes = {name: tuple(batch[name].shape) for name in ("query", "image", "mask")}
            print(f"a batch: {shapes}, masks of {batch['mask'].dtype}")
        seen += len(batch["mask"])
        foreground += batch["mask"].float().mean(dim=(1, 2)).sum().item()
    print(f"{seen} pairs; the query's object fills {foreground / seen:.0%} of an image")


if __name__ == "__main__":
    main()
