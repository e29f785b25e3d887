"""Recordings as jobs: batch REST v2 over a store that survives restarts.

Source: speechmatics/docs, spec/batch.yaml.
"""
