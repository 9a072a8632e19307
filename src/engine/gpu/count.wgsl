// Counts the hits of whole chunks by the dart contract (src/darts/contract.rs): a workgroup a chunk, a ChaCha8 block
// of 16 darts a thread and turn. Integers only, so every device gives the same. The test of a dart is
// that of src/kernel/count.rs, and its words have that file's names.

struct Batch {
    // The seed's key.
    key: array<vec4<u32>, 2>,
    // The number of the first chunk, its low word first.
    first: vec2<u32>,
}

struct Undecided {
    // How many there are, whether or not there is room for them.
    len: atomic<u32>,
    // The chunk, counted from the batch's first, times 65536, plus the place in the chunk.
    darts: array<u32>,
}

@group(0) @binding(0) var<uniform> batch: Batch;
// The sure hits of each chunk.
@group(0) @binding(1) var<storage, read_write> hits: array<u32>;
@group(0) @binding(2) var<storage, read_write> undecided: Undecided;

var<workgroup> chunk_hits: atomic<u32>;

const THREADS = 256u;
const COARSE_BLOCKS = 4096u;
const BLOCK_DARTS = 16u;
const BAND = 3u << 15u;
const RADIUS_SQUARED = 1u << 30u;
// BAND less RADIUS_SQUARED, wrapping.
const TO_OFFSET = 0xc0018000u;

// The state of ChaCha, four words a row.
struct State {
    a: vec4<u32>,
    b: vec4<u32>,
    c: vec4<u32>,
    d: vec4<u32>,
}

fn rotate(words: vec4<u32>, left: u32) -> vec4<u32> {
    return (words << vec4(left)) | (words >> vec4(32u - left));
}

// Four quarter rounds of RFC 8439, one in each column.
fn columns(start: State) -> State {
    var s = start;
    s.a += s.b; s.d = rotate(s.d ^ s.a, 16u);
    s.c += s.d; s.b = rotate(s.b ^ s.c, 12u);
    s.a += s.b; s.d = rotate(s.d ^ s.a, 8u);
    s.c += s.d; s.b = rotate(s.b ^ s.c, 7u);
    return s;
}

fn diagonals(start: State) -> State {
    let s = columns(State(start.a, start.b.yzwx, start.c.zwxy, start.d.wxyz));
    return State(s.a, s.b.wxyz, s.c.zwxy, s.d.yzwx);
}

// X and Y of four coarse words: their low and high halves, signed.
fn low(words: vec4<u32>) -> vec4<i32> {
    return bitcast<vec4<i32>>(words << vec4(16u)) >> vec4(16u);
}

fn high(words: vec4<u32>) -> vec4<i32> {
    return bitcast<vec4<i32>>(words) >> vec4(16u);
}

// The squared distance of each cell's lower corner, less the lower end of the band, wrapping. Below zero:
// a sure hit. Below 2 BAND: the slow test.
fn offsets(words: vec4<u32>) -> vec4<u32> {
    let x = low(words);
    let y = high(words);
    return bitcast<vec4<u32>>(x * x) + bitcast<vec4<u32>>(y * y) + vec4(TO_OFFSET);
}

// The hits among four darts that the offset left open, from `place` on; those whose cells the circle cuts
// are appended to the list.
fn look_again(words: vec4<u32>, chunk: u32, place: u32) -> u32 {
    let open = offsets(words) < vec4(2u * BAND);
    if !any(open) {
        return 0u;
    }
    // The corner of the cell that is nearest to the centre: X, or X + 1 without its sign.
    let x = low(words);
    let y = high(words);
    let near_x = bitcast<vec4<u32>>(x ^ (x >> vec4(31u)));
    let near_y = bitcast<vec4<u32>>(y ^ (y >> vec4(31u)));
    let nearest = near_x * near_x + near_y * near_y;
    // The farthest corner is 1 more in both directions.
    let farthest = nearest + 2u * (near_x + near_y) + vec4(2u);
    let is_hit = open & (farthest <= vec4(RADIUS_SQUARED));
    let is_cut = open & (nearest < vec4(RADIUS_SQUARED)) & (farthest > vec4(RADIUS_SQUARED));
    let dart = chunk * 65536u + place;
    if is_cut.x { append(dart); }
    if is_cut.y { append(dart + 1u); }
    if is_cut.z { append(dart + 2u); }
    if is_cut.w { append(dart + 3u); }
    let one = select(vec4(0u), vec4(1u), is_hit);
    return one.x + one.y + one.z + one.w;
}

fn append(dart: u32) {
    let place = atomicAdd(&undecided.len, 1u);
    if place < arrayLength(&undecided.darts) {
        undecided.darts[place] = dart;
    }
}

@compute @workgroup_size(THREADS)
fn count(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let chunk = group.x;
    let low_word = batch.first.x + chunk;
    let carry = select(0u, 1u, low_word < chunk);
    var start: State;
    start.a = vec4(0x61707865u, 0x3320646eu, 0x79622d32u, 0x6b206574u);
    start.b = batch.key[0];
    start.c = batch.key[1];
    start.d = vec4(0u, 0u, low_word, batch.first.y + carry);
    // Only column 0 knows the number of the block, so the others' first round is the same for all.
    let begun = columns(start);

    var sum = vec4(0u);
    var looked = 0u;
    for (var turn = 0u; turn < COARSE_BLOCKS / THREADS; turn += 1u) {
        let block = turn * THREADS + thread;
        start.d.x = block;
        let own = columns(start);
        var s = State(
            vec4(own.a.x, begun.a.yzw),
            vec4(own.b.x, begun.b.yzw),
            vec4(own.c.x, begun.c.yzw),
            vec4(own.d.x, begun.d.yzw),
        );
        s = diagonals(s);
        s = diagonals(columns(s));
        s = diagonals(columns(s));
        s = diagonals(columns(s));
        let a = s.a + start.a;
        let b = s.b + start.b;
        let c = s.c + start.c;
        let d = s.d + start.d;
        let at_a = offsets(a);
        let at_b = offsets(b);
        let at_c = offsets(c);
        let at_d = offsets(d);
        let top = vec4(31u);
        sum += (at_a >> top) + (at_b >> top) + (at_c >> top) + (at_d >> top);
        let nearest = min(min(at_a, at_b), min(at_c, at_d));
        if any(nearest < vec4(2u * BAND)) {
            let place = block * BLOCK_DARTS;
            looked += look_again(a, chunk, place);
            looked += look_again(b, chunk, place + 4u);
            looked += look_again(c, chunk, place + 8u);
            looked += look_again(d, chunk, place + 12u);
        }
    }
    atomicAdd(&chunk_hits, sum.x + sum.y + sum.z + sum.w + looked);
    workgroupBarrier();
    if thread == 0u {
        hits[chunk] = atomicLoad(&chunk_hits);
    }
}
