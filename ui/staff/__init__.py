"""Pages for who is signed in: the store and marketing. Gradio draws them; `gate.py` stands before them."""
