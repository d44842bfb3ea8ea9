import threading, time
from concurrent.futures import ThreadPoolExecutor
from django.db import connection, connections
from django.core.management import call_command
from audit import runner
from audit.check import check_log
from audit.sequencer import sequence_all
from tests.audit.conftest import write, made_center
def test_bench(fresh_database):
    c = made_center()
    call_command("makemigrations", "audit", check_changes=True, dry_run=True)
    stop = threading.Event(); t = threading.Thread(target=runner.run_forever, args=[stop]); t.start()
    def w(_):
        write(c, 100); connection.close()
    s = time.monotonic()
    with ThreadPoolExecutor(24) as p: list(p.map(w, range(24)))
    e = time.monotonic() - s
    print("tx/s", 2400/e)
    s = time.monotonic(); stop.set(); t.join(); sequence_all(); print("drain", time.monotonic()-s)
    s = time.monotonic(); o = check_log(); print("check", time.monotonic()-s, o)
    s=time.monotonic(); write(c, 1000); print("one writer tx/s", 1000/(time.monotonic()-s))
    s=time.monotonic(); print(sequence_all(), time.monotonic()-s)
