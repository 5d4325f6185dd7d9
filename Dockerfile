FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DJANGO_SETTINGS_MODULE=kefu.settings.production

RUN useradd --create-home --uid 10001 kefu
WORKDIR /app

# The packages that the application asks for (not the tools), in the locked versions.
COPY pyproject.toml requirements.lock ./
RUN python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" \
        > /tmp/requirements.txt \
    && pip install --no-cache-dir --constraint requirements.lock --requirement /tmp/requirements.txt \
    && rm /tmp/requirements.txt

COPY . .

# Collecting static files needs settings but no services; these values do not outlive the command.
RUN DJANGO_SECRET_KEY="$(python -c 'import secrets; print(secrets.token_hex(32))')" \
    KEFU_DATA_KEYS="$(python -c 'import secrets; print(secrets.token_hex(32))')" \
    DJANGO_ALLOWED_HOSTS=localhost DATABASE_URL=postgres://db/kefu REDIS_URL=redis://redis/0 \
        python manage.py collectstatic --no-input --verbosity 0 \
    && mkdir -p var/exports var/uploads var/attachments \
    && chown -R kefu:kefu var

USER kefu
EXPOSE 8000
CMD ["gunicorn", "kefu.wsgi:application", "--bind=0.0.0.0:8000", "--workers=2", "--timeout=60", "--access-logfile=-", \
     "--access-logformat=%(h)s %(t)s %(m)s %(U)s %(s)s %(b)s %(L)s"]
