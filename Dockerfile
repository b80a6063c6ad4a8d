FROM python:3.11-slim
WORKDIR /opt/digest
COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY . .
RUN pip install --no-cache-dir --no-deps .
WORKDIR /project
CMD ["digest", "serve"]
