"""Every address of Handrail. The permission matrix in the tests is made from this map."""

from django.urls import include, path

handler400 = "orchestration.uploads.refused"
urlpatterns = [
    path("", include("reviews.urls")),
    path("", include("orchestration.urls")),
    path("", include("audit.urls")),
    path("admin/", include("config.dashboard")),
]
