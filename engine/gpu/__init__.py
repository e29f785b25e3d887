"""The body on a device: one step for many streams, in memory that is laid out before the first one arrives.

Nothing here is imported by the CPU's path. ``device`` says whether there is a device that can be used; ``weights``
reads a shipped body; ``network`` writes its step down as a ``tape`` of ``operations``; ``executor`` binds the tape of
every batch size to one arena and captures it as a CUDA graph; ``body`` is that behind the seam of
``engine.acoustic.body``.
"""
