"""The switches of every page. The project's urls include this once under the name `kit`."""

from django.urls import path

from nuanxin.web.kit import elder, language, proof

app_name = "kit"

urlpatterns = [
    path("elder/", elder.switch, name="elder"),
    path("proof/", proof.challenge, name="proof"),
    path("language/", language.switch, name="language"),
]
