"""Word lattices: posteriors of arcs, and the words that are wrong least often.

Contract (N nodes, A arcs, Q places of a hypothesis):

    source, target, label   (A,) arcs from lower to higher nodes, in order of target; label 0 says no word
    score                   (A,) natural log weights, already scaled; a path's weight is the sum of its arcs'
    paths                   lead from node 0 to node N - 1
    posterior of an arc     share of all paths' weights that belongs to paths over it
    risk of words           expected edit distance between the words of a path and these, by posterior

``reference`` is the truth: it walks every path. ``cpu`` needs time proportional to A, or to A times Q for risks.
"""
