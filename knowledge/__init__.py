"""What the brand says: documents, loading, splitting, embedding, index, snapshots, retrieval.

The lowest layer: it knows nothing of conversations, rules or answers. Start reading at `document.py`.
"""
