"""Finding companies by the beginning of a word of their name or of their domain; each has its words in CompanyTerm.

A prefix is a range over plain text, so that the index works under row security. One that was merged has no words: its
domains are those of who stands for it.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

from contacts.models import Company, CompanyDomain
from contacts.searching import AFTER_EVERYTHING, LONGEST_TERM, terms_of_name, words_of_query
from lib.sql import array_of, run_sql
from workspaces.current import current_workspace_id

APART = re.compile(r"[^\w]+")


def index_companies(company_ids: Iterable[int]) -> None:
    """The words of these companies are those of their names and domains as they stand. Three statements; may be repeated."""
    these = sorted(set(company_ids))
    if not these:
        return
    names = dict(Company.objects.filter(pk__in=these, merged_into=None).values_list("pk", "name"))
    domains: dict[int, list[str]] = {}
    for company, domain in CompanyDomain.objects.filter(company__in=these).values_list("company_id", "domain"):
        domains.setdefault(company, []).append(domain)
    terms = {pk: terms_of_company(name, domains.get(pk, ())) for pk, name in names.items()}
    pairs = [(pk, term) for pk in sorted(terms) for term in sorted(terms[pk])]
    params = {
        "workspace": current_workspace_id(),
        "companies": array_of(these),
        "ids": array_of(company for company, _term in pairs),
        "terms": json.dumps([term for _company, term in pairs]),
    }
    run_sql("contacts/keep_company_terms", params)


def terms_of_company(name: str, domains: Iterable[str] = ()) -> set[str]:
    """The words by which a company is found: each of its name, with and without what joins them, and its domains."""
    words = set(terms_of_name(name))
    words |= {part for word in words for part in APART.split(word)}
    for domain in domains:
        labels = domain.lower().split(".")
        words |= {".".join(labels[start:]) for start in range(max(len(labels) - 1, 1))}
    return {word[:LONGEST_TERM] for word in words if word}


def narrowed_to(text: str) -> tuple[str, dict[str, Any]]:
    """A condition on the company `k`: each word of the text begins one of its words; "" for no words. With its parameters."""
    parts, params = [], dict[str, Any]()
    for number, word in enumerate(words_of_query(text)):
        params |= {f"word_{number}": word, f"word_{number}_end": word + AFTER_EVERYTHING}
        parts.append(
            f"AND k.id IN (SELECT t.company_id FROM contacts_companyterm t WHERE t.workspace_id = %(workspace)s"
            f" AND t.term >= %(word_{number})s AND t.term < %(word_{number}_end)s)"
        )
    return " ".join(parts), params
