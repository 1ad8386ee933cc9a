package io.rafsd.image.local;

import io.rafsd.filesystem.Attributes;
import io.rafsd.rafs.layout.Xattr;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.ValueLayout;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The header of a member of a tar, with a pax header before it if it needs one. Names are raw bytes as Latin text.
 *
 * @param name of the member
 * @param flag of its kind
 * @param link target, or empty
 * @param size of the content that follows
 * @param attributes of the file
 * @param xattrs of the file
 */
record UstarHeader(String name, char flag, String link, long size, Attributes attributes, List<Xattr> xattrs) {

    private static final int BLOCK = 512;
    private static final int NAME = 100;
    private static final int MAX_ID = 07777777;
    private static final long MAX_SIZE = 077777777777L;

    void write(OutputStream out) throws IOException {
        byte[] records = records();
        if (records.length > 0) {
            out.write(block("pax/" + shortened(name), 'x', "", records.length, 0644, 0, 0, 0));
            out.write(records);
            out.write(new byte[-records.length & BLOCK - 1]);
        }
        out.write(block(
                name,
                flag,
                link,
                Math.min(size, MAX_SIZE),
                attributes.mode & 07777,
                Math.min(attributes.uid, MAX_ID),
                Math.min(attributes.gid, MAX_ID),
                Math.clamp(attributes.mtimeSeconds, 0, MAX_SIZE)));
    }

    private static String shortened(String text) {
        return text.length() > NAME / 2 ? text.substring(text.length() - NAME / 2) : text;
    }

    private byte[] records() {
        ByteArrayOutputStream records = new ByteArrayOutputStream();
        if (name.length() > NAME) {
            record(records, "path", latin(name));
        }
        if (link.length() > NAME) {
            record(records, "linkpath", latin(link));
        }
        if (size > MAX_SIZE) {
            record(records, "size", latin(Long.toString(size)));
        }
        if (attributes.uid > MAX_ID || attributes.uid < 0) {
            record(records, "uid", latin(Integer.toUnsignedString(attributes.uid)));
        }
        if (attributes.gid > MAX_ID || attributes.gid < 0) {
            record(records, "gid", latin(Integer.toUnsignedString(attributes.gid)));
        }
        if (attributes.mtimeNanos != 0 || attributes.mtimeSeconds < 0 || attributes.mtimeSeconds > MAX_SIZE) {
            record(records, "mtime", latin(time()));
        }
        for (Xattr xattr : xattrs) {
            String key = "SCHILY.xattr."
                    + new String(xattr.name().toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
            record(records, key, xattr.value().toArray(ValueLayout.JAVA_BYTE));
        }
        return records.toByteArray();
    }

    private String time() {
        return BigDecimal.valueOf(attributes.mtimeSeconds)
                .add(BigDecimal.valueOf(attributes.mtimeNanos, 9))
                .toPlainString();
    }

    /** A record says how long it is, its length included. */
    private static void record(ByteArrayOutputStream records, String key, byte[] value) {
        int rest = key.length() + value.length + 3;
        int length = rest + String.valueOf(rest).length();
        length = rest + String.valueOf(length).length();
        records.writeBytes(latin(length + " " + key + "="));
        records.writeBytes(value);
        records.write('\n');
    }

    private byte[] block(String label, char kind, String target, long bytes, int mode, int uid, int gid, long mtime) {
        byte[] block = new byte[BLOCK];
        text(block, 0, NAME, label);
        octal(block, 100, 7, mode);
        octal(block, 108, 7, Math.max(0, uid));
        octal(block, 116, 7, Math.max(0, gid));
        octal(block, 124, 11, bytes);
        octal(block, 136, 11, mtime);
        block[156] = (byte) kind;
        text(block, 157, NAME, target);
        text(block, 257, 8, "ustar\00000");
        int device = attributes.rdev;
        octal(block, 329, 7, device >>> 8 & 0xFFF);
        octal(block, 337, 7, device & 0xFF | device >>> 12 & 0xFFF00);
        Arrays.fill(block, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte b : block) {
            sum += b & 0xFF;
        }
        octal(block, 148, 6, sum);
        block[154] = 0;
        return block;
    }

    private static void text(byte[] block, int at, int length, String text) {
        byte[] bytes = latin(text);
        System.arraycopy(bytes, 0, block, at, Math.min(length, bytes.length));
    }

    private static void octal(byte[] block, int at, int digits, long value) {
        for (int i = 0; i < digits; i++) {
            block[at + i] = (byte) ('0' + (value >>> 3 * (digits - 1 - i) & 7));
        }
    }

    private static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
