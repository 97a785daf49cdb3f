"""Our models once more, one answer at a time, from the formulas of the papers: slow, and nothing of ours in it."""

from math import erf, inf, log, pi, prod, sqrt


def votes(table):
    """Return the answers to each task as (worker, label), and the share of each label among them."""
    given = [[] for _ in range(table.n_tasks)]
    for task, worker, label in zip(table.task.tolist(), table.worker.tolist(), table.label.tolist(), strict=True):
        given[task].append((worker, label))
    labels = range(table.n_labels)
    return given, [[sum(said == k for _, said in task) / len(task) for k in labels] for task in given]


def alternate(table, maximise, iterations):
    """Return the posterior after so many E-steps; `maximise(given, posterior)` returns p(label | true) and prior."""
    given, posterior = votes(table)
    for _ in range(iterations):
        says, prior = maximise(given, posterior)
        posterior = []
        for task in given:
            joint = [prior[k] * prod(says(w, said, k) for w, said in task) for k in range(table.n_labels)]
            posterior.append([one / sum(joint) for one in joint])
    return posterior


def expected(given, posterior, worker, label, k):
    """Return how often the worker is expected to have said the label of tasks whose true one is k."""
    return sum(posterior[t][k] for t, task in enumerate(given) for w, said in task if (w, said) == (worker, label))


def dawid_skene(table, pseudo, iterations):
    """Dawid, Skene 1979, (2.3) and (2.4), with pseudo-counts [label][true label] and one for each true label."""
    labels, workers = range(table.n_labels), range(table.n_workers)

    def maximise(given, posterior):
        n = [[[expected(given, posterior, w, said, k) for k in labels] for said in labels] for w in workers]
        theta = [
            [[(n[w][said][k] + pseudo[said][k]) / sum(n[w][x][k] + pseudo[x][k] for x in labels) for k in labels]
             for said in labels] for w in workers
        ]  # fmt: skip
        share = [sum(row[k] for row in posterior) + 1 for k in labels]
        return lambda w, said, k: theta[w][said][k], [one / sum(share) for one in share]

    return alternate(table, maximise, iterations)


def flat(n_labels):
    return [[4.0 if said == k else 1.0 for k in range(n_labels)] for said in range(n_labels)]


def pooled(table, iterations):
    """Empirical Bayes: the pseudo-counts of a second fit are the crowd's confusions in a first, as heavy as its own."""
    labels = range(table.n_labels)
    first = dawid_skene(table, flat(table.n_labels), iterations)
    given, _ = votes(table)
    crowd = flat(table.n_labels)
    for task, row in zip(given, first, strict=True):
        for _, said in task:
            for k in labels:
                crowd[said][k] += row[k]
    weight = 4 + table.n_labels - 1
    pseudo = [[weight * crowd[said][k] / sum(crowd[x][k] for x in labels) for k in labels] for said in labels]
    return dawid_skene(table, pseudo, iterations)


def mace(table, iterations):
    """Hovy et al. 2013, figure 1: known with probability c, else by a strategy ξ; priors ½ and 10 as pseudo-counts."""
    workers = range(table.n_workers)
    c, xi = [0.5] * table.n_workers, [[1 / table.n_labels] * table.n_labels for _ in workers]

    def maximise(given, posterior):
        for w in workers:
            knew, guessed = 0.0, [0.0] * table.n_labels
            for t, task in enumerate(given):
                for who, said in task:
                    if who == w:  # S = 0 only where the answer is the true label
                        not_spamming = posterior[t][said] * c[w] / (c[w] + (1 - c[w]) * xi[w][said])
                        knew += not_spamming
                        guessed[said] += 1 - not_spamming
            c[w] = (knew + 0.5) / (knew + sum(guessed) + 1)
            xi[w] = [(one + 10) / (sum(guessed) + 10 * table.n_labels) for one in guessed]
        return lambda w, said, k: c[w] * (said == k) + (1 - c[w]) * xi[w][said], [1 / table.n_labels] * table.n_labels

    return alternate(table, maximise, iterations)


def ordinal(table, iterations):
    """Lakshminarayanan, Teh 2013, (1) without difficulty, and a habit: on the same grid of shifts and spreads."""
    labels, workers, wide = range(table.n_labels), range(table.n_workers), table.n_labels - 1
    shifts = [wide * (-3 / 8 + 3 / 4 * n / 24) for n in range(25)]
    spreads = [0.2 * (max(wide, 1.0) / 0.2) ** (n / 12) for n in range(13)]

    def below(edge, seen, spread):
        return 0.0 if edge == -inf else 1.0 if edge == inf else (1 + erf((edge - seen) / spread / sqrt(2))) / 2

    edges = [-inf, *(k + 0.5 for k in range(wide)), inf]
    sees = {
        (b, s): [
            [max(below(edges[x + 1], k + b, s) - below(edges[x], k + b, s), 1e-10) for k in labels] for x in labels
        ]
        for b in shifts for s in spreads
    }  # fmt: skip
    for one in sees.values():
        for k in labels:
            total = sum(one[x][k] for x in labels)
            for x in labels:
                one[x][k] /= total
    usual = {
        (b, s): -abs(b) / (wide / 12) - log(2 * wide / 12) - (log(s) - log(wide * 3 / 16)) ** 2 / 2 - log(2 * pi) / 2
        for b in shifts for s in spreads
    }  # fmt: skip
    best = [max(usual, key=usual.get)] * table.n_workers
    c, xi, started = [0.8] * table.n_workers, [[1 / table.n_labels] * table.n_labels for _ in workers], []

    def maximise(given, posterior):
        looked = []
        for w in workers:
            n = [[expected(given, posterior, w, x, k) for k in labels] for x in labels]
            see = sees[best[w]]
            looked.append([
                [n[x][k] * c[w] * see[x][k] / (c[w] * see[x][k] + (1 - c[w]) * xi[w][x]) for k in labels]
                for x in labels
            ])  # fmt: skip
            total, mine = sum(map(sum, n)), sum(map(sum, looked[w]))
            xi[w] = [sum(n[x]) - sum(looked[w][x]) + 10 / table.n_labels for x in labels]
            xi[w] = [one / sum(xi[w]) for one in xi[w]]
            c[w] = (mine + 4) / (total + 5)
        for w in workers:
            best[w] = max(
                usual,
                key=lambda pair, w=w: (
                    usual[pair] + sum(looked[w][x][k] * log(sees[pair][x][k]) for x in labels for k in labels)
                ),
            )
        if not started:
            started.append(True)
            _centre(best, [sum(map(sum, one)) for one in looked], shifts)
        share = [sum(row[k] for row in posterior) + 1 for k in labels]
        return (
            lambda w, x, k: c[w] * sees[best[w]][x][k] + (1 - c[w]) * xi[w][x],
            [one / sum(share) for one in share],
        )

    return alternate(table, maximise, iterations)


def _centre(best, answers, shifts):
    """Move all shifts so that the worker in the middle, by answers, has none."""
    reached = 0.0
    for w in sorted(range(len(best)), key=lambda w: best[w][0]):
        reached += answers[w]
        if reached >= sum(answers) / 2:
            moved = len(shifts) // 2 - shifts.index(best[w][0])
            break
    for w, (b, s) in enumerate(best):
        best[w] = shifts[min(max(shifts.index(b) + moved, 0), len(shifts) - 1)], s
