"""The application in Django, behind its ASGI handler: no lifespan, no websockets."""

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.vary import vary_on_headers

settings.configure(
    ALLOWED_HOSTS=["*"],
    DATA_UPLOAD_MAX_MEMORY_SIZE=None,
    DEBUG=False,
    ROOT_URLCONF=__name__,
    SECRET_KEY="only for tests",
)


def plain(body, **headers):
    return HttpResponse(body, content_type="text/plain", headers=headers)


async def text(request):
    return plain("hello", **{"Content-Length": "5"})


async def large(request):
    return plain("0123456789" * 1000, **{"Content-Length": "10000", "ETag": '"large"'})


@vary_on_headers("Accept")
async def varying(request):
    response = plain("hello" * 200)
    response.set_cookie("a", "b")
    return response


async def stream(request):
    async def chunks():
        for chunk in (b"one ", b"two ", b"three"):
            yield chunk

    return StreamingHttpResponse(chunks(), content_type="text/plain")


async def echo(request):
    return plain(request.body)


async def session(request):
    kept = request.scope["session"]
    kept["count"] = kept.get("count", 0) + 1
    return JsonResponse(dict(kept))


async def replaced_session(request):
    request.scope["session"] = {"count": 100}
    return plain("replaced")


async def cleared_session(request):
    request.scope["session"] = None
    return plain("cleared")


async def user(request):
    return plain(request.scope["user"].display_name)


async def error(request):
    raise LookupError("broken on purpose")


urlpatterns = [
    path("text", text),
    path("large", large),
    path("varying", varying),
    path("stream", stream),
    path("echo", echo),
    path("session", session),
    path("session/replaced", replaced_session),
    path("session/cleared", cleared_session),
    path("user", user),
    path("error", error),
]

app = get_asgi_application()
