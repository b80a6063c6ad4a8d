FROM python:3.11-slim AS build
WORKDIR /build
# The one step that asks the index: all that the lock names, its hashes checked. What follows installs from these files.
COPY requirements.txt ./
RUN pip wheel --no-cache-dir --require-hashes --no-deps --wheel-dir wheels -r requirements.txt
# Of them what Digest runs with, in a step that a change of the code leaves as it is; the tests' tools stay out.
COPY pyproject.toml ./
RUN python -m venv /opt/digest \
    && python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" \
        >needed.txt \
    && /opt/digest/bin/pip install --no-cache-dir --no-index --find-links wheels -r needed.txt
COPY README.md config.toml ./
COPY src src
COPY subscribers subscribers
COPY templates templates
RUN /opt/digest/bin/pip install --no-cache-dir --no-index --find-links wheels --no-deps . \
    && /opt/digest/bin/pip uninstall --yes pip setuptools

FROM python:3.11-slim
RUN useradd --uid 1000 --user-group --home-dir /project --no-create-home --shell /usr/sbin/nologin digest \
    && install --directory --owner digest --group digest /project
COPY --from=build /opt/digest /opt/digest
# What a process says is to be read when it says it, also where nobody's terminal is.
ENV PATH=/opt/digest/bin:$PATH PYTHONUNBUFFERED=1
WORKDIR /project
USER digest
CMD ["digest", "serve"]
