"""The pages of reviews: home, inbox, runs."""

from django.urls import path

from reviews import navigation
from reviews.views import home, inbox, runs

urlpatterns = [
    path("", home.show, name="home"),
    path("nav/", navigation.counts, name="nav"),
    path("inbox/", inbox.queue, name="inbox"),
    path("inbox/<int:pk>/", inbox.item, name="review"),
    path("inbox/<int:pk>/decide/", inbox.decide, name="decide"),
    path("inbox/<int:pk>/draft/", inbox.draft, name="draft"),
    path("inbox/<int:pk>/undo/", inbox.undo, name="undo"),
    path("runs/", runs.every, name="runs"),
    path("runs/<int:pk>/", runs.one, name="run"),
]
