from digest.select.clustering import cluster
__all__=["cluster"]
