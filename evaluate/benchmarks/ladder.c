/* The yardstick of the order book: a plain price ladder in C with rules 1 to 5 (docs/market-rules.md).
 *
 * One linked queue of orders a tick, a bit for each occupied tick, the best tick of each side at hand; sells are mirrored, so
 * that on both sides the best level is the highest. Compiled with N_TICKS set. Written to be as fast as a plain ladder gets:
 * it takes the same care of branches as gridbid/market/book.py, which made it a tenth faster. */
#include <stdint.h>
#include <string.h>

#define WORDS ((N_TICKS + 63) / 64)
#define NONE (-1)

/* An event; quantity 0 takes the order out, if it still rests. */
typedef struct { int32_t order, owner, side, tick, quantity, rest; } Event;
typedef struct { int32_t maker, tick, quantity; } Fill;
typedef struct { int32_t quantity, owner, next, previous, side, level; } Order;
typedef struct { int32_t head, tail; } Queue;
typedef struct {
    uint64_t bits[2][WORDS];
    int32_t best[2];
    Queue queues[2][N_TICKS]; /* valid only where the bit is set */
} Book;

/* Highest occupied level in or below the word of a level. Handed a pointer to the bits instead, gcc 12 takes a tenth longer. */
static inline int highest(const Book *book, int side, int level) {
    int word = level >> 6;
    while (!book->bits[side][word])
        if (--word < 0) return NONE;
    return word * 64 + 63 - __builtin_clzll(book->bits[side][word]);
}

static inline void vacate(Book *book, int side, int level) {
    book->bits[side][level >> 6] &= ~(1ull << (level & 63));
}

static inline void take_out(Book *book, Order *orders, int handle) {
    Order *order = &orders[handle];
    int side = order->side, level = order->level, before = order->previous, after = order->next;
    Queue *queue = &book->queues[side][level];
    order->quantity = 0;
    if (before >= 0) orders[before].next = after; else queue->head = after;
    if (after >= 0) orders[after].previous = before; else queue->tail = before;
    if (before < 0 && after < 0) {
        vacate(book, side, level);
        if (book->best[side] == level) book->best[side] = highest(book, side, level);
    }
}

static inline void join(Book *book, Order *orders, int handle, int side, int level) {
    Order *order = &orders[handle];
    Queue *queue = &book->queues[side][level];
    uint64_t *bits = &book->bits[side][level >> 6], bit = 1ull << (level & 63);
    order->side = side;
    order->level = level;
    order->next = NONE;
    if (*bits & bit) {
        order->previous = queue->tail;
        orders[queue->tail].next = handle;
        queue->tail = handle;
    } else {
        *bits |= bit;
        order->previous = NONE;
        queue->head = queue->tail = handle;
        book->best[side] = level > book->best[side] ? level : book->best[side];
    }
}

/* Match an order and let the rest join its queue; returns how many fills there are now. */
static inline int64_t place(Book *book, Order *orders, Fill *fills, int64_t n, const Event *event, int max_fills) {
    int side = event->side, opposite = 1 - side, owner = event->owner, left = event->quantity;
    int level = side ? N_TICKS - 1 - event->tick : event->tick, worst = N_TICKS - 1 - level;
    int best = book->best[opposite];
    int64_t last = n + max_fills;
    while (left > 0 && best >= worst) {
        Queue *queue = &book->queues[opposite][best];
        int maker = queue->head;
        Order *order = &orders[maker];
        if (order->owner == owner || n == last) return n; /* rules 3 and 4 */
        int resting = order->quantity;
        fills[n++] = (Fill){maker, opposite ? N_TICKS - 1 - best : best, resting < left ? resting : left};
        left -= resting;
        if (left < 0) {
            order->quantity = -left;
            return n;
        }
        order->quantity = 0;
        int after = order->next;
        if (after >= 0) {
            queue->head = after;
            orders[after].previous = NONE;
        } else {
            vacate(book, opposite, best);
            book->best[opposite] = best = highest(book, opposite, best);
        }
    }
    if (left > 0 && event->rest) {
        orders[event->order].quantity = left;
        orders[event->order].owner = owner;
        join(book, orders, event->order, side, level);
    }
    return n;
}

/* Play the events, the book emptied before every per_book of them; ends[n] tells how many fills there were after event n. */
int64_t play(const Event *events, int64_t n_events, int64_t per_book, int32_t max_fills, Order *orders, Fill *fills,
             int32_t *ends) {
    static Book book;
    int64_t n_fills = 0;
    for (int64_t n = 0, due = 0; n < n_events; n++, due--) {
        if (due == 0) {
            memset(book.bits, 0, sizeof book.bits);
            book.best[0] = book.best[1] = NONE;
            for (int64_t i = 0; i < per_book; i++) orders[i].quantity = 0;
            due = per_book;
        }
        const Event *event = &events[n];
        if (event->quantity > 0) n_fills = place(&book, orders, fills, n_fills, event, max_fills);
        else if (orders[event->order].quantity > 0) take_out(&book, orders, event->order);
        ends[n] = (int32_t)n_fills;
    }
    return n_fills;
}
