#!/usr/bin/env python3
"""Writes what an image holds as SPDX 2.3 JSON: packages with versions and licences.

usage: sbom.py ROOT NAME VERSION COMMIT SECONDS > NAME.spdx.json

ROOT is the image's root file system; SECONDS the time of the commit since 1970. Packages are those
of var/lib/dpkg/status.d, which container/collect.sh has copied from Debian, of var/lib/dpkg/status,
which a base image has, and of usr/share/doc/*.dist-info, from PyPI. Licences are all the names in a
package's copyright file, which is about its whole source; those that SPDX does not know become
LicenseRef-….
"""

import datetime
import email.parser
import json
import pathlib
import re
import sys
import urllib.parse

SPDX = {
    "apache-2": "Apache-2.0", "apache-2.0": "Apache-2.0", "artistic": "Artistic-1.0",
    "bsd-2-clause": "BSD-2-Clause", "bsd-3-clause": "BSD-3-Clause", "bsl-1.0": "BSL-1.0",
    "boost-1.0": "BSL-1.0", "curl": "curl", "expat": "MIT", "mit": "MIT", "isc": "ISC",
    "mpl-2.0": "MPL-2.0", "mpl-1.1": "MPL-1.1", "x11": "X11", "zlib": "Zlib",
    "cc0": "CC0-1.0", "cc0-1.0": "CC0-1.0",
    "gpl": "GPL-1.0-or-later", "lgpl": "LGPL-2.0-or-later", "agpl-3": "AGPL-3.0-only",
    "openldap-2.8": "OLDAP-2.8", "gfdl-1.3": "GFDL-1.3-only", "ofl-1.1": "OFL-1.1",
}
GNU = re.compile(r"(gpl|lgpl|gfdl)-(\d)(\.\d)?(\+?)")


def spdx_licence(name, references):
    """The name as an SPDX expression; what SPDX does not know is added to `references`."""
    lower = name.lower()
    if lower in SPDX:
        return SPDX[lower]
    if gnu := GNU.fullmatch(lower):
        family, major, minor, plus = gnu.groups()
        return f"{family.upper()}-{major}{minor or '.0'}-{'or-later' if plus else 'only'}"
    plain = re.sub(r"[^A-Za-z0-9.-]+", "-", name.removeprefix("LicenseRef-")).strip("-.")
    reference = f"LicenseRef-{plain}"
    references[reference] = name
    return reference


def debian_licences(text):
    """The names that a copyright file states: in its License fields, else as common licences."""
    fields = re.findall(r"^License:[ \t]*(\S.*)$", text, re.MULTILINE)
    names = {part.strip() for field in fields
             for part in re.split(r"\s+(?:and|or)\s+|,|/", field) if part.strip()}
    names = {name.split(" with ")[0] for name in names}
    common = re.compile(r"/usr/share/common-licenses/([A-Za-z0-9.-]*[A-Za-z0-9])")
    return names or set(common.findall(text))


def package(name, version, names, references, kind="generic"):
    """One package; `kind` is the first part of its package URL, as in pkg:deb/debian."""
    licences = sorted({spdx_licence(name, references) for name in names})
    return {
        "SPDXID": "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", f"{kind}-{name}-{version}"),
        "name": name, "externalRefs": [
            {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
             "referenceLocator": f"pkg:{kind}/{name}@{urllib.parse.quote(version)}"}],
        "versionInfo": version, "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": " AND ".join(licences) or "NOASSERTION", "copyrightText": "NOASSERTION"}


def debian_packages(root, references):
    folder = root / "var" / "lib" / "dpkg"
    found = [("debian", path.read_text()) for path in sorted((folder / "status.d").glob("*"))]
    if (folder / "status").exists():
        release = (root / "etc" / "os-release").read_text()
        system = re.search(r"^ID=\"?(\w+)", release, re.MULTILINE).group(1)
        found += [(system, text) for text in (folder / "status").read_text().split("\n\n")]
    for system, text in found:
        fields = email.parser.Parser().parsestr(text.strip(), headersonly=True)
        if "installed" not in (fields["Status"] or ""):
            continue
        notice = root / "usr" / "share" / "doc" / fields["Package"] / "copyright"
        words = notice.read_text(errors="replace") if notice.exists() else ""
        names = debian_licences(words) or {f"copyright of {fields['Package']}"}
        yield package(fields["Package"], fields["Version"], names, references, f"deb/{system}")


def python_packages(root, references):
    for path in sorted((root / "usr" / "share" / "doc").glob("*.dist-info/METADATA")):
        fields = email.parser.Parser().parsestr(path.read_text(), headersonly=True)
        names = [fields["License-Expression"] or fields["License"] or "unknown"]
        yield package(fields["Name"], fields["Version"], names, references, "pypi")


def document(root, name, version, commit, seconds):
    references = {}
    entries = [package("gradstep", version, ["MIT"], references),
               *debian_packages(root, references), *python_packages(root, references)]
    found = {entry["SPDXID"]: entry for entry in entries}
    made = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
        "name": name, "documentNamespace": f"https://spdx.org/spdxdocs/{name}-{commit}",
        "creationInfo": {"created": made.strftime("%Y-%m-%dT%H:%M:%SZ"),
                         "creators": ["Tool: gradstep-container-sbom"]},
        "packages": list(found.values()),
        "hasExtractedLicensingInfos": [
            {"licenseId": identifier, "name": words,
             "extractedText": f"{words}: see usr/share/doc/*/copyright in the image"}
            for identifier, words in sorted(references.items())],
        "relationships": [
            {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
             "relatedSpdxElement": identifier} for identifier in found]}


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    root, name, version, commit, seconds = sys.argv[1:]
    made = document(pathlib.Path(root), name, version, commit, int(seconds))
    json.dump(made, sys.stdout, indent=1)
    print()
