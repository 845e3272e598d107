"""The pages of audit: signing in, what a second person signs, reports, the record, settings."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path

from audit.views import health, proof, proposals, record, reports, settings, theme

urlpatterns = [
    path("", include("audit.accounts.urls")),
    path("theme/", login_not_required(theme.choose), name="theme"),
    path("health/", login_not_required(health.show), name="health"),
    path("proposals/", proposals.every, name="proposals"),
    path("proposals/<int:pk>/", proposals.one, name="proposal"),
    path("proposals/<int:pk>/answer/", proposals.answer, name="proposal-answer"),
    path("reports/", reports.overview, name="reports"),
    path("reports/decisions/", reports.decisions, name="decisions"),
    path("record/", record.every, name="record"),
    path("record/export.<str:form>", record.export, name="export"),
    path("record/proof/", proof.show, name="proof"),
    path("record/proof/checkpoint.txt", proof.checkpoint, name="checkpoint"),
    path("record/proof/signer.pub", proof.key, name="signer"),
    path("record/proof/verify.pyz", proof.program, name="verifier"),
    path("record/evidence.zip", proof.pack, name="evidence"),
    path("record/<uuid:event_id>/", record.one, name="event"),
    path("record/<uuid:event_id>/receipt.txt", proof.receipt, name="receipt"),
    path("settings/", settings.show, name="settings"),
    path("settings/<slug:key>/", settings.change, name="change"),
]
