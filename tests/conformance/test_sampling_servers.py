"""Servers are tested over HTTP: a real one, on this machine, that serves specsim's own decoder."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import log
from typing import Any

import numpy as np
import pytest

from specsim import decode
from specsim.conformance import EProcess
from specsim.conformance.servers import CELLS, VLLM, LlamaCpp, SGLang, check_server, lumped, post
from specsim.core import Plan, rules
from specsim.models import load_pair

PAIR = load_pair("toy")
PROMPTS = [(0,), (1, 2)]


def careless(target: Any, draft: Any) -> Plan:
    """The correction comes from the target."""
    plan = rules.token(target, draft)
    return Plan(plan.stop, target)


def write(ids: list[int], count: int, rule: Any, seed: int) -> list[int]:
    made = decode.generate(PAIR.target, PAIR.draft, ids, gamma=3, rule=rule, max_new_tokens=count, rng=seed)
    return list(made.tokens)


def listed(ids: list[int], top: int) -> list[tuple[int, float]]:
    """The likeliest next tokens with their log-probabilities."""
    law = PAIR.target(np.array([ids]))[0]
    return [(int(token), log(law[token])) for token in np.argsort(-law)[:top] if law[token] > 0]


def vllm(body: dict[str, Any], rule: Any) -> Any:
    ids = body["prompt"]
    rows = (
        [
            {str(token): {"logprob": value, "rank": rank + 1} for rank, (token, value) in enumerate(found)}
            for found in (listed(ids[:end], body["prompt_logprobs"]) for end in range(1, len(ids)))
        ]
        if "prompt_logprobs" in body
        else []
    )
    tokens = write(ids, body["max_tokens"], rule, body.get("seed", 0))
    return {"choices": [{"token_ids": tokens, "prompt_logprobs": [None, *rows]}]}


def sglang(body: dict[str, Any], rule: Any) -> Any:
    ids, params = body["input_ids"], body["sampling_params"]
    sglang.calls += 1
    rows = (
        [
            [[value, token, None] for token, value in listed(ids[:end], body["top_logprobs_num"])]
            for end in range(1, len(ids))
        ]
        if body.get("return_logprob")
        else []
    )
    tokens = write(ids, params["max_new_tokens"], rule, sglang.calls)
    return {"output_ids": tokens, "meta_info": {"input_top_logprobs": [None, *rows]}}


sglang.calls = 0


def llama(body: dict[str, Any], rule: Any) -> Any:
    if "n_probs" in body:
        top = [{"id": token, "logprob": value} for token, value in listed(body["prompt"], body["n_probs"])]
        return {"completion_probabilities": [{"top_logprobs": top}], "tokens": []}
    tokens = write(body["prompt"], body["n_predict"], rule, body["seed"])
    ended = 2 in tokens
    return {
        "tokens": tokens[: tokens.index(2)] if ended else tokens,
        "stop_type": "eos" if ended else "limit",
    }


ANSWERS = {"/v1/completions": vllm, "/generate": sglang, "/completion": llama}


def handler(rule: Any) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            known = self.path in ANSWERS
            answer = json.dumps(
                ANSWERS[self.path](body, rule) if known else {"error": "no such path"}
            ).encode()
            self.send_response(200 if known else 404)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *words: Any) -> None:
            pass

    return Handler


@pytest.fixture(scope="module", params=["token", careless], ids=["right", "wrong"])
def served(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """The address of a server, and the verdict that it deserves."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(request.param))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", "unknown" if request.param == "token" else "lossy"
    server.shutdown()
    server.server_close()
    thread.join()


def check(server: Any, expected: str) -> Any:
    """The law of one family of bets is enough: the two verdicts differ by millions."""
    most = 200 if expected == "unknown" else 8000
    return check_server(
        server, prompts=PROMPTS, max_tokens=most, tolerance=1e-6, test=EProcess(tolerance=1e-6)
    )


def test_a_vllm_server_is_judged(served):
    url, expected = served
    report = check(VLLM(url, "toy"), expected)
    assert (report.verdict, report.method) == (expected, "sampled")


def test_an_sglang_server_is_judged(served):
    url, expected = served
    assert check(SGLang(url, top=2), expected).verdict == expected


def test_a_llama_server_is_judged(served):
    url, expected = served
    report = check(LlamaCpp(url, eos=2), expected)
    assert report.verdict == expected
    assert "LlamaCpp" in str(report)


def test_an_end_token_that_is_not_returned_has_to_be_known(served):
    with pytest.raises(ValueError, match="pass its id as eos"):
        check_server(LlamaCpp(served[0]), prompts=PROMPTS, max_tokens=200)


def test_another_server_may_be_the_teacher(served):
    url, _ = served
    report = check_server(SGLang(url), VLLM(url, "toy"), prompts=PROMPTS, max_tokens=20)
    assert "laws as VLLM lists them" in report.notes


def test_a_server_that_refuses_is_quoted(served):
    with pytest.raises(ConnectionError, match=r"404: .*no such path"):
        post(f"{served[0]}/other", {})


def test_a_server_that_is_not_there_is_named():
    with pytest.raises(ConnectionError, match="is it running"):
        post("http://127.0.0.1:9/completion", {}, seconds=2)


def test_tokens_that_are_not_listed_share_a_cell():
    cells, laws = lumped([5, 6, 5 + CELLS], [{5: 0.5}, {5: 0.5}, {5: 0.5, 5 + CELLS: 0.25}])
    assert cells.tolist() == [5, CELLS, 5]
    assert laws[:, [5, CELLS]].tolist() == [[0.5, 0.5], [0.5, 0.5], [0.75, 0.25]]


def test_lists_that_are_no_chances_are_refused():
    with pytest.raises(ValueError, match="at most 1"):
        lumped([0], [{0: 0.9, 1: 0.9}])
