"""A stand-in for the Hugging Face Hub on this machine: the calls that making, sending and reading a repository take."""

import base64
import contextlib
import hashlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

SHA = "0" * 39 + "1"  # of the commit that a repository is at


class Repository:
    """Files of one repository, and how they came."""

    def __init__(self, private=False):
        self.head = SHA
        self.private = private
        self.files = {}
        self.as_lfs = set()
        self.commits = []
        self.pull_requests = []


class Hub(ThreadingHTTPServer):
    """Serves on a free port of the loopback address; `requests` are its calls, `tokens` what they were signed with."""

    daemon_threads = True

    def __init__(self, lfs_above=1_000):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.endpoint = f"http://127.0.0.1:{self.server_port}"
        self.lfs_above = lfs_above
        self.repositories = {}
        self.blobs = {}
        self.requests = []
        self.tokens = set()
        self.refusal = None


@contextlib.contextmanager
def running_hub(**options):
    with Hub(**options) as hub:
        thread = threading.Thread(target=hub.serve_forever, daemon=True)
        thread.start()
        try:
            yield hub
        finally:
            hub.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Hub

    def log_message(self, *_):
        pass

    def _dispatch(self):
        path = unquote(urlsplit(self.path).path)
        self.server.requests.append(f"{self.command} {path}")
        self.server.tokens.add(self.headers.get("Authorization"))
        self.body = self._read_body()
        if self.server.refusal is not None and path != "/api/validate-yaml":
            return self._answer({"error": self.server.refusal}, 403)
        for pattern, answer in _ROUTES.items():
            method, _, rest = pattern.partition(" ")
            if self.command in method.split("|") and (match := re.fullmatch(rest, path)):
                return self._answer_if_known(answer, match)
        return self._answer({"error": f"{self.command} {path}: not found"}, 404)

    def _answer_if_known(self, answer, match):
        try:
            return answer(self, *match.groups())
        except KeyError as missing:
            return self._answer({"error": f"{missing}: not found"}, 404, X_Error_Code="RepoNotFound")

    def _read_body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    do_GET = do_HEAD = do_POST = do_PUT = _dispatch  # noqa: N815, the names that http.server calls

    def _answer(self, content, status=200, **headers):
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def _repository(self, repo_id):
        return self.server.repositories[repo_id]

    def create(self):
        asked = json.loads(self.body)
        repo_id = f"{asked.get('organization') or 'someone'}/{asked['name']}"
        url = f"{self.server.endpoint}/datasets/{repo_id}"
        if repo_id in self.server.repositories:
            return self._answer({"error": "You already created this dataset repo", "url": url}, 409)
        self.server.repositories[repo_id] = Repository(
            bool(asked.get("private")) or asked.get("visibility") == "private"
        )
        return self._answer({"url": url, "name": repo_id})

    def validate(self):
        return self._answer({"errors": [], "warnings": []})

    def preupload(self, _repo_id):
        files = json.loads(self.body)["files"]
        modes = ["lfs" if each["size"] > self.server.lfs_above else "regular" for each in files]
        answers = [
            {"path": each["path"], "uploadMode": mode, "shouldIgnore": False, "oid": None}
            for each, mode in zip(files, modes, strict=True)
        ]
        return self._answer({"files": answers})

    def lfs_batch(self, _repo_id):
        objects = []
        for each in json.loads(self.body)["objects"]:
            upload = {"href": f"{self.server.endpoint}/lfs/{each['oid']}", "header": {}}
            known = each["oid"] in self.server.blobs
            objects.append({**each, **({} if known else {"actions": {"upload": upload}})})
        return self._answer({"transfer": "basic", "objects": objects})

    def lfs_upload(self, oid):
        if hashlib.sha256(self.body).hexdigest() != oid:
            return self._answer({"error": "the digest is another"}, 400)
        self.server.blobs[oid] = self.body
        return self._answer({})

    def commit(self, repo_id):
        repository = self._repository(repo_id)
        lines = [json.loads(line) for line in self.body.splitlines()]
        if lines[0]["value"].get("parentCommit", repository.head) != repository.head:
            return self._answer({"error": "A commit has happened since. Please refresh and try again."}, 412)
        page = f"{self.server.endpoint}/{'datasets/' * self.path.startswith('/api/datasets/')}{repo_id}"
        url = {"commitUrl": f"{page}/commit/{SHA}", "commitOid": SHA}
        if "create_pr=1" in self.path:
            repository.pull_requests.append(lines[1:])
            return self._answer({"success": True, "pullRequestUrl": f"{page}/discussions/1", **url})
        for line in lines:
            value = line["value"]
            match line["key"]:
                case "file":
                    repository.files[value["path"]] = base64.b64decode(value["content"])
                case "lfsFile":
                    repository.files[value["path"]] = self.server.blobs[value["oid"]]
                    repository.as_lfs.add(value["path"])
                case "deletedFile":
                    del repository.files[value["path"]]
        repository.commits.append(lines[0]["value"]["summary"])
        return self._answer({"success": True, **url})

    def info(self, repo_id):
        repository = self._repository(repo_id)
        siblings = [{"rfilename": path} for path in sorted(repository.files)]
        shown = {"id": repo_id, "sha": repository.head, "private": repository.private, "siblings": siblings, "tags": []}
        return self._answer(shown)

    def tree(self, repo_id, folder):
        files = self._repository(repo_id).files
        inside = f"{folder}/" if folder else ""
        recursive = parse_qs(urlsplit(self.path).query).get("recursive", ["false"])[0].lower() == "true"
        found = {path for path in files if path.startswith(inside)}
        folders = {inside + path.removeprefix(inside).partition("/")[0] for path in found if "/" in path[len(inside) :]}
        kept = [path for path in sorted(found) if recursive or "/" not in path[len(inside) :]]
        entries = [{"type": "directory", "oid": "0" * 40, "size": 0, "path": path} for path in sorted(folders)]
        return self._answer([*entries, *(self._entry(files, path) for path in kept)])

    def paths_info(self, repo_id):
        asked = parse_qs(self.body.decode()).get("paths") or json.loads(self.body or b"{}").get("paths", [])
        files = self._repository(repo_id).files
        return self._answer([self._entry(files, path) for path in asked if path in files])

    def _entry(self, files, path):
        return {"type": "file", "oid": hashlib.sha1(files[path]).hexdigest(), "size": len(files[path]), "path": path}

    def resolve(self, repo_id, path):
        content = self._repository(repo_id).files.get(path)
        if content is None:
            return self._answer({"error": "Entry not found"}, 404, X_Error_Code="EntryNotFound")
        headers = {"ETag": f'"{hashlib.sha1(content).hexdigest()}"', "X_Repo_Commit": SHA, "Accept_Ranges": "bytes"}
        if wanted := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or ""):
            first, last = int(wanted[1]), min(int(wanted[2] or len(content) - 1), len(content) - 1)
            headers["Content_Range"] = f"bytes {first}-{last}/{len(content)}"
            return self._answer(content[first : last + 1], 206, **headers)
        return self._answer(content, **headers)


_REPO = r"([\w.-]+/[\w.-]+)"
_API = f"/api/(?:datasets|models)/{_REPO}"
_PAGE = f"/(?:datasets/)?{_REPO}"
_ROUTES = {
    "POST /api/repos/create": _Handler.create,
    "POST /api/validate-yaml": _Handler.validate,
    f"POST {_API}/preupload/main": _Handler.preupload,
    f"POST {_PAGE}.git/info/lfs/objects/batch": _Handler.lfs_batch,
    "PUT /lfs/([0-9a-f]{64})": _Handler.lfs_upload,
    f"POST {_API}/commit/main": _Handler.commit,
    rf"GET {_API}(?:/revision/\w+)?": _Handler.info,
    rf"GET {_API}/tree/\w+/?(.*)": _Handler.tree,
    rf"POST {_API}/paths-info/\w+": _Handler.paths_info,
    rf"GET|HEAD {_PAGE}/resolve/\w+/(.+)": _Handler.resolve,
}
