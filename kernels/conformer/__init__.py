"""One chunk of a streaming Conformer-like body: from feature frames to log-probabilities of phones.

The body is that of ``engine.training.network``: causal 4x subsampling, blocks of attention, gated convolution and
feed-forward of which the middle ones run at half the rate, and a head. Its weights are 8-bit levels with a scale for
each output (``weights``).

Contract (B streams; 2 n tokens of 40 ms; F bins; V tokens of the alphabet; W width):

    reference.step(weights, state, features)  one stream: (8 n, F) -> (2 n, V), in float64
    cpu.ChunkStep(weights, most_tokens, rows)
        .channels                             what a ``kernels.memory.Slab`` must keep of each stream
        .record(slab, slot)                   where that lies
        (records, features, out)              (B, 8 n, F) -> (B, 2 n, V), written to ``out``; states move on in place

Each row that a product reads is rounded to 16-bit levels of its own, as many as no sum can overflow 32 bits with;
products are sums of integers. So a stream's numbers do not depend on those beside it, to the last bit, and differ from
the float64 ones by the rounding of rows alone, in practice by less than a thousandth. Attention, norms and
nonlinearities are float32. A value that is not finite makes its own stream's results NaN, and nobody else's.

Nothing is allocated in a step: weights are packed once, working memory is one planned arena, a stream's rings of keys
and values and its convolution's past are written in place in its slot. All of a step is one compiled call.
"""
