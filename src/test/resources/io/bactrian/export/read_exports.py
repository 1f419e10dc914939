"""Reads exported files with nothing but Python's standard library, and prints what they hold as JSON."""
import csv
import json
import sys
import zipfile
from xml.etree import ElementTree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def read_csv(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


def read_workbook(path):
    with zipfile.ZipFile(path) as archive:
        if archive.testzip() is not None:
            raise ValueError("an entry of the workbook is damaged")
        sheet = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
        relations = ElementTree.fromstring(archive.read("xl/worksheets/_rels/sheet1.xml.rels"))
    targets = {relation.get("Id"): relation.get("Target") for relation in relations}
    pane = sheet.find(f"{MAIN}sheetViews/{MAIN}sheetView/{MAIN}pane")
    return {
        "cells": {cell.get("r"): value(cell) for cell in sheet.iter(f"{MAIN}c")},
        "links": {link.get("ref"): targets[link.get(LINK)] for link in sheet.iter(f"{MAIN}hyperlink")},
        "frozen": [pane.get("state"), pane.get("topLeftCell")],
    }


def value(cell):
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return "".join(text.text or "" for text in cell.iter(f"{MAIN}t"))
    text = cell.findtext(f"{MAIN}v")
    return text == "1" if kind == "b" else float(text) if kind == "n" else ["unexpected", kind, text]


print(json.dumps(read_workbook(sys.argv[1]) if sys.argv[1].endswith(".xlsx") else read_csv(sys.argv[1])))
