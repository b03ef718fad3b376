/** How far predictions may be from measurements, in percent. */
const bars = {
  saved: { median: 1, worst: 3 },
  peak: { median: 5, worst: 10 },
};

/** Prints predicted against measured, and counts what holds and what does not. */
export function judge(results, refusals, problems) {
  const failures = [...problems];
  let passed = 0;
  const check = (label, holds, what) => {
    if (holds) passed++;
    else failures.push(`${label}: ${what}`);
  };
  const errors = { saved: [], peak: [] };
  console.log(row('', 'checkpoints', 'selective', 'saved', '', 'peak', '', 'budget', 'gradients'));
  for (const result of results) {
    const { label, predicted, with: planned, budget, differing, furthest, checkpoints, selective } = result;
    if (result.error) {
      failures.push(`${label}: ${result.error}`);
      continue;
    }
    const saved = percent(predicted.saved_bytes, planned.saved_bytes);
    const peak = percent(predicted.peak_bytes, planned.peak_bytes);
    errors.saved.push(Math.abs(saved));
    errors.peak.push(Math.abs(peak));
    const isKept = planned.peak_bytes <= budget || predicted.peak_bytes > budget;
    console.log(
      row(
        label,
        checkpoints,
        selective,
        mebibytes(planned.saved_bytes),
        signed(saved),
        mebibytes(planned.peak_bytes),
        signed(peak),
        planned.peak_bytes <= budget ? 'kept' : `+${(100 * (planned.peak_bytes / budget - 1)).toFixed(2)} %`,
        differing.length === 0 ? 'equal' : `differ by ${furthest.toExponential(1)}`,
      ),
    );
    const movesAny = result.offload.out.length + result.offload.state.length > 0;
    check(label, checkpoints > 0 || movesAny, 'the plan has no checkpoint: nothing is tested');
    if (movesAny) judgeMoves(result, (holds, what) => check(label, holds, what));
    check(
      label,
      differing.length === 0,
      `${differing.length} gradients or buffers differ by up to ${furthest}`,
    );
    check(label, Math.abs(saved) <= bars.saved.worst, `saved bytes are ${signed(saved)} off`);
    check(label, Math.abs(peak) <= bars.peak.worst, `the peak is ${signed(peak)} off`);
    check(label, isKept, 'the measured peak is over the budget that the prediction keeps');
    check(label, result.leftovers.length === 0, `remove() left ${result.leftovers.join(', ')} changed`);
  }
  for (const [name, { median }] of Object.entries(bars)) {
    const found = medianOf(errors[name]);
    console.log(
      `${name}: median error ${found.toFixed(3)} %, worst ${Math.max(0, ...errors[name]).toFixed(3)} %`,
    );
    check(name, found <= median, `the median error is ${found.toFixed(3)} %`);
  }
  for (const { label, holds, message } of refusals) {
    console.log(`${holds ? 'holds' : 'DOES NOT HOLD'}: ${label}: ${message}`);
    check(label, holds, message);
  }
  for (const failure of failures) console.error(`FAILED ${failure}`);
  return { passed, failures };
}

/** What moved is what the plan says, in its order: out in the order of last uses, back ahead of use as it is fetched. */
function judgeMoves({ label, predicted, with: { moves }, offload, updates_equal: updates }, check) {
  const of = (way) => moves.filter(([direction]) => direction === way);
  const bytes = (way) => of(way).reduce((sum, [, , size]) => sum + size, 0);
  const names = (way, among) => of(way).flatMap(([, name]) => (among.includes(name) ? [name] : []));
  console.log(
    `${label}: ${of('out').length} values, ${mebibytes(bytes('out'))} out, ${mebibytes(bytes('back'))} back, ` +
      `${offload.fetched.length} of ${offload.out.length} fetched ahead of use`,
  );
  check(bytes('out') === predicted.out_bytes, `${bytes('out')} bytes left, planned ${predicted.out_bytes}`);
  check(
    bytes('back') === predicted.back_bytes,
    `${bytes('back')} bytes came back, planned ${predicted.back_bytes}`,
  );
  check(same(names('out', offload.out), offload.out), 'values left in another order');
  check(same(names('back', offload.fetched), offload.fetched), 'values came back in another order');
  check(same(names('back', offload.state).sort(), [...offload.state].sort()), 'state that did not come back');
  check(updates, 'parameters differ after two steps with optimizer state away');
}

const same = (a, b) => a.length === b.length && a.every((name, i) => name === b[i]);

const percent = (predicted, measured) => 100 * (predicted / measured - 1);
const signed = (value) => `${value < 0 ? '' : '+'}${value.toFixed(2)} %`;
const mebibytes = (bytes) => `${(bytes / 2 ** 20).toFixed(2)} MiB`;

function medianOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length > 0 ? sorted[Math.floor(sorted.length / 2)] : 0;
}

function row(label, ...cells) {
  const widths = [12, 10, 11, 10, 11, 10, 9, 18];
  return label.padEnd(32) + cells.map((cell, i) => String(cell).padStart(widths[i])).join('');
}
