"""The front door: one Chalice app for one clinic."""

from chalice.app import Chalice

from chalicelib.web import account, collect, health, members, pages, signin, transfers, usage
from chalicelib.workers import codes, deliveries, found, landed, notices, sweep

app = Chalice(app_name="sceau", configure_logs=False, debug=False)

for room in (pages, signin, account, members, transfers, health, collect, usage):
    app.register_blueprint(room.blueprint)
for room in (codes, deliveries, found, landed, notices, sweep):
    app.register_blueprint(room.blueprint)
