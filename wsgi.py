"""What a web server imports: `gunicorn wsgi:app`."""

from reviewflow.app import create_app
from reviewflow.settings import read_settings

app = create_app(read_settings())
