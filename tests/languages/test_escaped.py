import json,re
import pytest
from tests.e2e.pages import PAGES
from tests.languages import seen, world
from tests.languages.seen import words

@pytest.fixture(scope="module")
def shown(django_db_setup, django_db_blocker, tmp_path_factory):
    import time
    with django_db_blocker.unblock(), world.standing() as made, world.spoken(tmp_path_factory.mktemp("locale")):
        yield made

def test_all(shown):
    import time
    from django.db import transaction
    out=[]; t=time.time()
    clients={}
    for page in PAGES:
        with page.during(shown), transaction.atomic():
            c=clients.get(page.by) or clients.setdefault(page.by, world.window(page.by))
            try:
                url=page.at(shown)
                r=c.get(url)
                text=r.content.decode()
            except Exception as e:
                import traceback; traceback.print_exc()
                out.append([str(page),"ERR",repr(e)[:300],False]); continue
            out.append([str(page),"STATUS",str(r.status_code),False])
            depth=0
            for w in words(text):
                rest=""; d=0 if "[" in w.where else depth
                for ch in w.text:
                    if ch=="«": d+=1; rest+="\x00"
                    elif ch=="»": d=max(d-1,0); rest+="\x00"
                    elif d==0: rest+=ch
                if "[" not in w.where: depth=d
                for part in rest.split("\x00"):
                    part=" ".join(part.split())
                    if re.search(r"[^\W\d_]{2}", part): out.append([str(page),w.where,part,w.verbatim])
            if depth: out.append([str(page),"DEPTH",str(depth),False])
    print("TIME", time.time()-t)
    json.dump(out,open("/tmp/hr/y-german/out.json","w"),ensure_ascii=False)
    from tests.languages import data
    json.dump(sorted(data.leaves()),open("/tmp/hr/y-german/leaves.json","w"),ensure_ascii=False)
