"""The driver of the Python client; README.md says what a driver does."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from pixret.client import Client, ClientError, Tls
from pixret.metrics import Item, Prediction, Ranking, Rejection
from pixret.submissions._rows import Row


def main(path: str) -> None:
    job = json.loads(Path(path).read_bytes())
    result: dict[str, Any] = dict.fromkeys(["report", "error", "received", "calls"]) | {
        "rejections": [],
        "snapshots": [],
    }
    patience = {} if job["patience"] is None else {"retry_timeout": job["patience"]}
    tls = None if job["tls"] is None else Tls(**{name: path and Path(path) for name, path in job["tls"].items()})
    with Client(job["server"], token=job["token"], tls=tls, **patience) as client:
        try:
            run(client, job, result)
        except ClientError as error:
            result["error"] = {"code": error.code.name, "message": str(error)}
    print(json.dumps(result))


def run(client: Client, job: dict[str, Any], result: dict[str, Any]) -> None:
    if job["calls"]:
        client.benchmarks()
    session = job["session"] or client.create_session(job["benchmark"], distractors=job["distractors"]).name
    send = send_by_calls if job["transport"] == "unary" else send_by_stream
    digest = send(client, session, job, result)
    if job["calls"]:
        result["calls"] = other_calls(client, session)
    claim = result["received"] if job["claim"] is None else job["claim"]
    result["report"] = client.finalize(session, received=claim, chain_digest=digest).content.decode()
    if job["calls"]:
        client.delete_session(session)
        try:
            client.session(session)
        except ClientError as error:
            result["calls"]["deleted"] = error.code.name


def send_by_stream(client: Client, session: str, job: dict[str, Any], result: dict[str, Any]) -> bytes:
    stream = client.stream(session, items(job["items"]), snapshot_interval=job["snapshot_interval"], **pace(job))
    for snapshot in stream:
        result["snapshots"].append(snapshot.received)
    result["received"] = stream.committed_offset
    result["rejections"] = [*map(plain, stream.rejections)]
    return stream.chain_digest


def send_by_calls(client: Client, session: str, job: dict[str, Any], result: dict[str, Any]) -> bytes:
    appended = client.append(session, items(job["items"]), **pace(job))
    result["rejections"] = [*map(plain, appended.rejections)]
    result["received"] = appended.committed_offset
    result["snapshots"] = [client.snapshot(session).received]
    return appended.chain_digest


def pace(job: dict[str, Any]) -> dict[str, Any]:
    return {"batch_items": job["batch_items"]} | ({} if job["linger"] is None else {"linger": job["linger"]})


def other_calls(client: Client, session: str) -> dict[str, Any]:
    listed = client.benchmarks()
    benchmark = client.benchmark(listed[0].name, names=True)
    state = client.session(session)
    metrics = client.snapshot(session).protocols["medium"].strict.segmentation
    return {
        "benchmarks": [[each.name, each.query_count, each.index_size] for each in listed],
        "query_ids": benchmark.query_ids,
        "image_ids": benchmark.image_ids,
        "session": [state.committed_offset, state.accepted, state.rejected],
        "listed": session in {each.name for each in client.sessions()},
        "metrics": [metrics.miou, metrics.map_50_95],
        "rejections": [*map(plain, client.rejections(session))],
    }


def plain(rejection: Rejection) -> list[Any]:
    return [rejection.offset, rejection.reason.name.lower(), rejection.field]


def items(path: str) -> Iterator[Item]:
    with sys.stdin.buffer if path == "-" else Path(path).open("rb") as lines:
        for line in iter(lines.readline, b""):
            yield item(line)


def item(line: bytes) -> Item:
    row = json.loads(line)
    query = row.get("query_id", row.get("query_index"))
    if "ranking" in row:
        return Ranking(query, np.array(row["ranking"], np.int64))
    if row.pop("unset", False):
        return Prediction(query, row.get("image_id", row.get("image_index")), None)
    return msgspec.convert(row, Row).prediction()


if __name__ == "__main__":
    main(sys.argv[1])
